import { UsageError, type Command } from '../commandLine.ts'
import { backupLedger, type BackupSummary } from '../backup/backupLedger.ts'
import { BackupRefused } from '../backup/backupRefused.ts'
import { now, openLedger } from '../ledger.ts'
import { createProgressBar } from '../progressBar.ts'
import { version } from '../version.ts'

/** Exit code 0: saved; 130: stopped, run it again. */
export const backupCommand: Command = {
  name: 'backup',
  summary: 'Save the log while the system runs; into a directory that holds a backup only what is new',
  usage: ['backup --out DIR [--keys-out DIR]'],
  options: {
    out: { type: 'string', value: 'DIR', description: 'where the log goes' },
    'keys-out': {
      type: 'string',
      value: 'DIR',
      description: 'where the keys of personal data go: another directory, whose copies are kept for a shorter time',
    },
  },
  async run({ settings, options, operands, json, out, err, signal }) {
    const { out: directory, 'keys-out': keysDirectory } = options
    if (operands.length > 0 || typeof directory !== 'string' || typeof keysDirectory === 'boolean')
      throw new UsageError('backup wants --out DIR; try backup --help')
    const bar = json ? undefined : createProgressBar('backup', err, now)
    const warn = (message: string, details: object): void => void err.write(`${message} ${JSON.stringify(details)}\n`)
    const ledger = await openLedger({ settings, roles: [], warn })
    try {
      const onProgress = (done: number, total: number): void => bar?.update(done, total, 'events')
      const summary = await backupLedger(ledger, { directory, keysDirectory, version, signal, onProgress })
      bar?.end()
      out.write(json ? `${JSON.stringify(summary, null, 2)}\n` : textOf(summary))
      return summary.complete ? 0 : 130
    } catch (error) {
      bar?.end()
      if (error instanceof BackupRefused) throw new UsageError(error.message, { cause: error })
      throw error
    } finally {
      await ledger.close()
    }
  },
}

function textOf({ complete, newEvents, events, position, bytes, persons }: BackupSummary): string {
  if (!complete) return `Stopped after ${newEvents} events. The same command goes on from here.\n`
  const keys =
    persons === undefined
      ? 'The keys of personal data were not saved (--keys-out); without them nothing personal can be read again.'
      : `The keys of ${persons} persons were saved. The master key, which opens them, is not among them.`
  return `Saved ${newEvents} new events, ${events} in all (${Math.ceil(bytes / 1_000)} kB), up to position ${position}.\n${keys}\n`
}
