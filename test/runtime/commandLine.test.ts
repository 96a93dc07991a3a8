import { describe, expect, test } from 'vitest'
import { type Command, helpText, parseCommandLine, UsageError } from '../../src/runtime/commandLine.ts'

const run = (): Promise<number> => Promise.resolve(0)
const commands: readonly Command[] = [
  {
    name: 'import',
    summary: 'Read a channel',
    usage: ['import DIR [--dry-run]'],
    options: {
      'dry-run': { type: 'boolean', description: 'writes nothing' },
      report: { type: 'string', value: 'FILE', description: 'where the report goes' },
    },
    run,
  },
  { name: 'config', summary: 'Print all settings', usage: ['config'], run },
]
const parse = (...args: string[]) => parseCommandLine(args, commands)

describe('a command line', () => {
  test('is a command, its options and its operands', () => {
    const parsed = parse('import', 'data/2026', '--report', 'rows.csv', '--dry-run', '--json')
    expect(parsed).toMatchObject({ command: { name: 'import' }, json: true, help: false, version: false })
    expect(parsed.operands).toEqual(['data/2026'])
    expect(parsed.options).toEqual({ report: 'rows.csv', 'dry-run': true })
  })

  test('may begin with the options of every command', () => {
    expect(parse('--json', 'config')).toMatchObject({ command: { name: 'config' }, json: true, operands: [] })
    expect(parse('-h', 'import')).toMatchObject({ command: { name: 'import' }, help: true })
  })

  test('may name operands that begin with a dash after two dashes', () => {
    expect(parse('import', '--', '-odd-name').operands).toEqual(['-odd-name'])
  })

  test('may be empty, or ask for help or the version alone', () => {
    expect(parse()).toMatchObject({ command: undefined, help: false })
    expect(parse('--help')).toMatchObject({ command: undefined, help: true })
    expect(parse('--version')).toMatchObject({ command: undefined, version: true })
  })

  test.each([
    [['improt'], /no command improt; try --help/],
    [['constructor'], /no command constructor/],
    [['config', '--dry-run'], /--dry-run/],
    [['import', '--dryrun'], /--dryrun/],
    [['import', '--report'], /--report/],
    [['import', '--dry-run=yes'], /--dry-run/],
    [['--colour'], /--colour/],
  ])('%j is refused by what is wrong with it', (args, message) => {
    expect(() => parse(...args)).toThrow(UsageError)
    expect(() => parse(...args)).toThrow(message)
  })
})

describe('the help text', () => {
  test('lists every command with its summary', () => {
    expect(helpText(commands, undefined).split('\n')).toEqual([
      'Usage: channel-ledger <command> [options]',
      '',
      '  import  Read a channel',
      '  config  Print all settings',
      '',
      'Options of every command: --help, --json. Settings come from the environment: channel-ledger config',
    ])
  })

  test('of a command shows its usage and its options', () => {
    expect(helpText(commands, commands[0]).split('\n')).toEqual([
      'Read a channel',
      '',
      '  channel-ledger import DIR [--dry-run]',
      '',
      '  --dry-run      writes nothing',
      '  --report FILE  where the report goes',
    ])
    expect(helpText(commands, commands[1])).toBe('Print all settings\n\n  channel-ledger config')
  })
})
