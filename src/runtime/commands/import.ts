import { resolve } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { UsageError, type Command } from '../commandLine.ts'
import { dataSets, importDirectory, type ImportSummary } from '../import/importDirectory.ts'
import { ImportError } from '../import/openDirectory.ts'
import { openReport } from '../import/openReport.ts'
import { now, openLedger } from '../ledger.ts'
import { createProgressBar } from '../progressBar.ts'

/** Exit code 0: all of it is in the ledger; 1: refused, or rows were rejected or conflict; 130: stopped, run it again. */
export const importCommand: Command = {
  name: 'import',
  summary: 'Import the history of a channel from CSV files, as recorded facts; safe to repeat',
  usage: ['import DIR [--dry-run] [--report DIR]', 'import adventureworks DIR', 'import x12 DIR'],
  options: {
    system: { type: 'string', value: 'NAME', description: 'where the documents come from, unless import.json says so' },
    company: {
      type: 'string',
      value: 'ID',
      description: 'the legal entity they belong to, unless import.json says so',
    },
    zone: { type: 'string', value: 'ZONE', description: 'of dates without a time, unless import.json says so' },
    report: {
      type: 'string',
      value: 'DIR',
      description: 'where report.csv and summary.json go (import-report)',
    },
    'dry-run': { type: 'boolean', description: 'check the files only, record nothing' },
  },
  async run({ settings, options, operands, json, out, err, signal }) {
    // Rows and events outlive the young generation by a window: without this the heap grows to five times what lives.
    setFlagsFromString('--heap-growing-percent=50')
    const dataSet = operands.length > 1 ? dataSets.find((name) => name === operands[0]) : undefined
    const [dir, ...rest] = dataSet === undefined ? operands : operands.slice(1)
    if (dir === undefined || rest.length > 0) throw new UsageError('import wants one directory; try import --help')
    const text = (name: string): string | undefined => (typeof options[name] === 'string' ? options[name] : undefined)
    const reportDirectory = resolve(text('report') ?? 'import-report')
    const bar = json ? undefined : createProgressBar('import', err, now)
    const ledger = await openLedger({
      settings,
      roles: [],
      warn: (message, details) => err.write(`${message} ${JSON.stringify(details)}\n`),
    })
    try {
      const report = await openReport(reportDirectory)
      const summary = await importDirectory(ledger, dir, {
        dataSet,
        system: text('system'),
        company: text('company'),
        zone: text('zone'),
        dryRun: options['dry-run'] === true,
        signal,
        onFinding: report.write,
        onProgress: (done, total, kind) => bar?.update(done, total, kind),
      })
      await report.close(summary)
      bar?.end()
      out.write(json ? `${JSON.stringify(summary, null, 2)}\n` : textOf(summary, reportDirectory))
      return exitCodeOf(summary)
    } catch (error) {
      bar?.end()
      if (error instanceof ImportError) throw new UsageError(error.message, { cause: error })
      throw error
    } finally {
      await ledger.close()
    }
  },
}

function exitCodeOf({ outcome, kinds }: ImportSummary): number {
  if (outcome === 'stopped') return 130
  const isWhole = Object.values(kinds).every(({ rejected, conflicts }) => rejected + conflicts === 0)
  return outcome === 'complete' && isWhole ? 0 : 1
}

function textOf({ outcome, dryRun, events, kinds, findings }: ImportSummary, report: string): string {
  const head = {
    complete: dryRun ? 'Checked; nothing was recorded.' : `Imported: ${events} new events.`,
    stopped: `Stopped after ${events} new events. The same command goes on from here.`,
    refused: 'Refused: a file cannot be read as it is, and nothing was recorded.',
  }[outcome]
  const columns = ['documents', 'recorded', 'known', 'withBreach', 'rejected', 'conflicts'] as const
  const rows = [
    ['', 'documents', 'recorded', 'known', 'with breach', 'rejected', 'conflicts'],
    ...Object.entries(kinds).map(([kind, counts]) => [kind, ...columns.map((column) => String(counts[column]))]),
  ]
  const lines = rows.map(([kind = '', ...cells]) => `  ${kind.padEnd(16)}${cells.map((c) => c.padStart(12)).join('')}`)
  const found = Object.entries(findings).map(([code, count]) => `  ${String(count).padStart(8)}  ${code}`)
  return [
    head,
    ...(Object.keys(kinds).length > 0 ? ['', ...lines] : []),
    ...(found.length > 0 ? ['', `Rows to look at, in ${report}/report.csv:`, ...found] : []),
    '',
  ].join('\n')
}
