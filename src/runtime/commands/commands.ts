import type { Command } from '../commandLine.ts'

/** Every subcommand by its name, in the order that `--help` shows; loaded when it is asked for, so that a process starts with what it runs. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => (await import('./start.ts')).startCommand,
  serve: async () => (await import('./serve.ts')).serveCommand,
  worker: async () => (await import('./worker.ts')).workerCommand,
  import: async () => (await import('./import.ts')).importCommand,
  demo: async () => (await import('./demo.ts')).demoCommand,
  settle: async () => (await import('./settle.ts')).settleCommand,
  'what-if': async () => (await import('./whatIf.ts')).whatIfCommand,
  forecast: async () => (await import('./forecast.ts')).forecastCommand,
  'back-test': async () => (await import('./backTest.ts')).backTestCommand,
  detect: async () => (await import('./detect.ts')).detectCommand,
  projections: async () => (await import('./projections.ts')).projectionsCommand,
  backup: async () => (await import('./backup.ts')).backupCommand,
  restore: async () => (await import('./restore.ts')).restoreCommand,
  config: async () => (await import('./config.ts')).configCommand,
}

/** The command of that name alone; all of them when it names none. */
export async function commandsFor(name: string | undefined): Promise<readonly Command[]> {
  const asked = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined
  return Promise.all((asked ? [asked] : Object.values(commands)).map(async (load) => load()))
}
