import { parseArgs, type ParseArgsConfig } from 'node:util'
import type { Settings } from './settings.ts'

export interface CommandContext {
  readonly settings: Settings
  readonly options: Readonly<Record<string, string | boolean | undefined>>
  readonly operands: readonly string[]
  /** print results as JSON, progress as nothing */
  readonly json: boolean
  readonly out: NodeJS.WriteStream
  readonly err: NodeJS.WriteStream
  /** aborts on Ctrl-C and SIGTERM */
  readonly signal: AbortSignal
}

/** One subcommand, a file in `commands/`. */
export interface Command {
  readonly name: string
  readonly summary: string
  /** shown by `--help`, one line each */
  readonly usage: readonly string[]
  readonly options?: Readonly<
    Record<string, { readonly type: 'string' | 'boolean'; readonly description: string; readonly value?: string }>
  >
  /** answers the exit code */
  run(context: CommandContext): Promise<number>
}

/** Something the user can mend: printed as one line, without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export interface ParsedCommandLine {
  readonly command: Command | undefined
  readonly help: boolean
  readonly version: boolean
  readonly json: boolean
  readonly options: CommandContext['options']
  readonly operands: readonly string[]
}

/** What follows the program's name, whether there is such a command or not. */
export function commandName(args: readonly string[]): string | undefined {
  return args.find((arg) => !arg.startsWith('-'))
}

/** Throws a `UsageError` for an unknown command or option. */
export function parseCommandLine(args: readonly string[], commands: readonly Command[]): ParsedCommandLine {
  const name = commandName(args)
  const command = commands.find((candidate) => candidate.name === name)
  if (name !== undefined && !command) throw new UsageError(`there is no command ${name}; try --help`)
  const config: NonNullable<ParseArgsConfig['options']> = {
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean' },
    json: { type: 'boolean' },
  }
  for (const [option, { type }] of Object.entries(command?.options ?? {})) config[option] = { type }
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: config,
      allowPositionals: true,
      strict: true,
    })
    const { help, version, json, ...options } = values
    return {
      command,
      help: help === true,
      version: version === true,
      json: json === true,
      options: options as CommandContext['options'], // no option is `multiple`
      operands: positionals.slice(1),
    }
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

export function helpText(commands: readonly Command[], command: Command | undefined): string {
  if (!command) {
    const width = Math.max(...commands.map(({ name }) => name.length))
    return [
      'Usage: channel-ledger <command> [options]',
      '',
      ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
      '',
      'Options of every command: --help, --json. Settings come from the environment: channel-ledger config',
    ].join('\n')
  }
  const options = Object.entries(command.options ?? {}).map(([name, { description, value }]) => [
    `--${name}${value ? ` ${value}` : ''}`,
    description,
  ])
  const width = Math.max(0, ...options.map(([option = '']) => option.length))
  return [
    command.summary,
    '',
    ...command.usage.map((line) => `  channel-ledger ${line}`),
    ...(options.length > 0
      ? ['', ...options.map(([option = '', description = '']) => `  ${option.padEnd(width)}  ${description}`)]
      : []),
  ].join('\n')
}
