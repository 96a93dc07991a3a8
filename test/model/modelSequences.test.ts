import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { brokenInvariants } from '../support/invariants.ts'
import { newModel, steps, wantedCases } from './steps.ts'
import { baseLog, openSystem } from './system.ts'

const isLong = process.env['CHANNEL_LEDGER_LONG'] === '1'
const sequences = Number(process.env['MODEL_SEQUENCES'] ?? (isLong ? 20_000 : 1_000))
const seed = Number(process.env['MODEL_SEED'] ?? 20_260_105)
const path = process.env['MODEL_PATH']
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()

it(
  `the ledger is what the oracle says over ${sequences} sequences (SEED=${seed} COMMIT=${commit})`,
  { timeout: 3_600_000 },
  async () => {
    const base = await baseLog()
    const counts = new Map<string, number>()
    let events = 0
    await fc.assert(
      fc.asyncProperty(steps, async (commands) => {
        const system = await openSystem(base)
        const model = newModel(counts)
        await fc.asyncModelRun(() => ({ model, real: system }), commands)
        if (system.isCut()) system.heal()
        await system.work()
        const log = await system.events()
        events += log.length
        expect(await system.deadTasks()).toEqual([])
        expect(brokenInvariants(log)).toEqual([])
      }),
      { numRuns: sequences, seed, endOnFailure: false, ...(path !== undefined && { path }) },
    )
    console.log(`SEED=${seed} COMMIT=${commit}: ${sequences} sequences, ${events} events`)
    console.log(wantedCases.map((name) => `${name}: ${counts.get(name) ?? 0}`).join('\n'))
    // a single sequence, run again by its path, need not meet them all
    expect(path === undefined ? wantedCases.filter((name) => !counts.has(name)) : []).toEqual([])
  },
)
