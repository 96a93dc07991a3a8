import type { Command } from '../commandLine.ts'
import { backupCommand } from './backup.ts'
import { configCommand } from './config.ts'
import { demoCommand } from './demo.ts'
import { importCommand } from './import.ts'
import { projectionsCommand } from './projections.ts'
import { restoreCommand } from './restore.ts'
import { serveCommand } from './serve.ts'
import { settleCommand } from './settle.ts'
import { startCommand } from './start.ts'
import { whatIfCommand } from './whatIf.ts'
import { workerCommand } from './worker.ts'

/** Every subcommand, in the order that `--help` shows. */
export const commands: readonly Command[] = [
  startCommand,
  serveCommand,
  workerCommand,
  importCommand,
  demoCommand,
  settleCommand,
  whatIfCommand,
  projectionsCommand,
  backupCommand,
  restoreCommand,
  configCommand,
]
