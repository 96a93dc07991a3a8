import { afterAll, expect, test } from 'vitest'
import { eventStoreCommand } from '../support/system.ts'
import { type FaultLoopReport, runFaultLoop } from './faultLoop/faultLoop.ts'
import { writeReport } from './faultLoop/writeReport.ts'

const isLong = process.env['CHANNEL_LEDGER_LONG'] === '1'
const times = Number(process.env['CHANNEL_LEDGER_TIMES'] ?? 1)
const seed = Number(process.env['CHANNEL_LEDGER_SEED'] ?? 20_260_401)
const reportPath = process.env['CHANNEL_LEDGER_FAULT_REPORT']
const log = (line: string): void => void process.stderr.write(`${line}\n`)
const stores = ['PostgreSQL', ...(eventStoreCommand === undefined ? [] : ['EventStoreDB'])]
const reports: Record<string, FaultLoopReport> = {}

test.each(stores)(
  `every fault on every link, with the log in %s (seed ${seed})`,
  { timeout: 4 * 3_600_000 },
  async (store) => {
    const report = await runFaultLoop({
      seed,
      times,
      withRedis: true,
      withEventStore: store === 'EventStoreDB',
      // a machine that does other things too is slower; the longest time is in the report
      readyWithin: isLong ? 5_000 : 30_000,
      log,
    })
    reports[store] = report
    for (const finding of report.findings) log(`  ${finding.reason}: ${finding.what}`)
    expect(report.findings, `seed ${seed}, commit ${report.commit}`).toEqual([])
    // a fault that hit nothing shows nothing
    expect(Object.entries(report.rounds).filter(([, { hits }]) => hits === 0)).toEqual([])
    expect(report.jobsRun).toBeGreaterThan(Object.keys(report.rounds).length)
  },
)

afterAll(async () => {
  if (reportPath === undefined) return
  const form = `CHANNEL_LEDGER_LONG=1 CHANNEL_LEDGER_SEED=${seed} CHANNEL_LEDGER_TIMES=${times} CHANNEL_LEDGER_FAULT_REPORT=${reportPath} npx vitest run --config vitest.long.config.ts test/fault/faultLoop.test.ts`
  await writeReport(reportPath, reports, form)
})
