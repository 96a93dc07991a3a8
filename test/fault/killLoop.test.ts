import { expect, test } from 'vitest'
import { eventStoreCommand } from '../support/system.ts'
import { runKillLoop } from './killLoop/killLoop.ts'
import { writeReport } from './killLoop/writeReport.ts'

const isLong = process.env['CHANNEL_LEDGER_LONG'] === '1'
const kills = Number(process.env['CHANNEL_LEDGER_KILLS'] ?? (isLong ? 1_000 : 50))
const seed = Number(process.env['CHANNEL_LEDGER_SEED'] ?? 20_260_301)
const reportPath = process.env['CHANNEL_LEDGER_KILL_REPORT']
const log = (line: string): void => void process.stderr.write(`${line}\n`)

const hours = 4 * 3_600_000
const stores = ['PostgreSQL', ...(eventStoreCommand === undefined ? [] : ['EventStoreDB'])]
test.each(stores)(
  `loses nothing over ${kills} kills, with the log in %s (seed ${seed})`,
  { timeout: hours },
  async (store) => {
    const report = await runKillLoop({
      kills,
      seed,
      withRedis: true,
      withEventStore: store === 'EventStoreDB',
      acknowledgedPerKill: isLong ? 210 : 60,
      truthEvery: 500,
      log,
    })
    if (reportPath !== undefined)
      await writeReport(
        store === 'PostgreSQL' ? reportPath : `${reportPath}-${store.toLowerCase()}`,
        report,
        `CHANNEL_LEDGER_LONG=1 CHANNEL_LEDGER_KILLS=${kills} CHANNEL_LEDGER_SEED=${seed} CHANNEL_LEDGER_KILL_REPORT=${reportPath} npx vitest run --config vitest.long.config.ts test/fault/killLoop.test.ts -t loses`,
      )
    log(JSON.stringify({ ...report, findings: report.findings.length }))
    expect(report.findings, `seed ${seed}, commit ${report.commit}`).toEqual([])
    expect(report.kills).toBe(kills)
    expect(report.acknowledged).toBeGreaterThanOrEqual(kills * (isLong ? 200 : 60))
    expect(report.cut, 'requests that a kill left open').toBeGreaterThan(kills / 10)
    expect(report.replayed).toBeGreaterThan(kills)
    expect(report.rowsCompared).toBeGreaterThan(report.acknowledged)
  },
)
