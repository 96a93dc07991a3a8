import type { Command } from '../commandLine.ts'
import { configCommand } from './config.ts'
import { projectionsCommand } from './projections.ts'
import { serveCommand } from './serve.ts'
import { workerCommand } from './worker.ts'

/** Every subcommand, in the order that `--help` shows. */
export const commands: readonly Command[] = [serveCommand, workerCommand, projectionsCommand, configCommand]
