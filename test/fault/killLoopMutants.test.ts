import { expect, test } from 'vitest'
import { runKillLoop } from './killLoop/killLoop.ts'
import { type Mutant, mutants } from './killLoop/mutants.ts'

const seed = Number(process.env['CHANNEL_LEDGER_SEED'] ?? 20_260_301)
const log = (line: string): void => void process.stderr.write(`${line}\n`)

// A loop that stays green whatever is broken shows nothing: each of these must turn it red, for its own reason.
test.each(Object.entries(mutants) as [Mutant, string][])(
  'the kill loop sees the mutant %s: %s',
  { timeout: 900_000 },
  async (mutant, reason) => {
    // a lie of a proxy must meet somebody who asks again
    const acknowledgedPerKill = mutant === 'early-ack' || mutant === 'stale-read' ? 400 : 80
    const report = await runKillLoop({ kills: 1, seed, mutant, targets: ['api'], acknowledgedPerKill, log })
    for (const finding of report.findings) log(`  ${finding.reason}: ${finding.what.slice(0, 200)}`)
    expect(report.findings.map((finding) => finding.reason)).toContain(reason)
  },
)

test('the kill loop sees the loss when commits are not waited for', { timeout: 900_000 }, async () => {
  const report = await runKillLoop({ kills: 8, seed, targets: ['postgres'], unsafeForTests: true, log })
  for (const finding of report.findings) log(`  ${finding.reason}: ${finding.what.slice(0, 200)}`)
  expect(report.findings.map((finding) => finding.reason)).toContain('lost')
})
