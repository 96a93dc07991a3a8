import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StaffName } from '../support/api.ts'
import { openGrownApi, type GrownApi } from '../support/grownApi.ts'
import { attackOn } from './attack.ts'
import { createFuzzer, type Fuzzer } from './oracles.ts'
import { type Operation, operationsOf } from './operations.ts'
import { createPool } from './pool.ts'
import { isKept, kept, recipesFrom } from './recipes.ts'

// Requests made from the OpenAPI document: those that fit it, about real objects, and those that do not (docs/asvs.md, V2 and V4).
// FUZZ_REQUESTS says how many, CHANNEL_LEDGER_SEED which; FUZZ_ONLY names one operation.

const isLong = process.env['CHANNEL_LEDGER_LONG'] === '1'
const total = Number(process.env['FUZZ_REQUESTS'] ?? (isLong ? 200_000 : 10_000))
const seed = Number(process.env['CHANNEL_LEDGER_SEED'] ?? 20_250_422)
const only = process.env['FUZZ_ONLY']
/** so often each operation has its turn: what one makes the next ones meet */
const rounds = Math.max(2, Math.ceil(total / 20_000))
/** answered over a socket of its own, see sockets.test.ts */
const apart = new Set(['stream', 'alerts.stream', 'figures.stream'])

let api: GrownApi
let fuzzer: Fuzzer
let operations: readonly Operation[]
beforeAll(async () => {
  api = await openGrownApi()
  for (const [method, url, body] of kept) {
    const { statusCode, body: said } = await api.send('admin', method, url, {
      body,
      key: url,
      headers: { 'if-none-match': '*' },
    })
    if (statusCode >= 300) throw new Error(said)
  }
  await api.project()
  // something for those who look after parked events
  await api.models.pool.query(
    `insert into projections.parked (generation, stream, position, revision, event_id, event_type, error)
       select g.id, 'order-parked', p, 0, gen_random_uuid(), 'OrderPlaced', 'a test' from projections.generations g, generate_series(1, 2000) p
       where g.model = 'orders'`,
  )
  fuzzer = createFuzzer(api)
  const document: unknown = (await api.send(undefined, 'GET', '/openapi.json')).json()
  operations = operationsOf(document).filter(({ id }) => !apart.has(id) && (only === undefined || id === only))
}, 600_000)
afterAll(() => api.close())

/** They wait until the read models have come to the head of the log. */
const reading: ReadonlySet<string> = new Set([
  'PublishStatement',
  'SubmitClaim',
  'rebates.whatIf',
  'reconciliations.run',
  'AcknowledgeAlert',
  'SnoozeAlert',
  'AssignAlert',
  'ReopenAlert',
])

/** An administrator mostly, since most may call everything. */
const caller: fc.Arbitrary<StaffName> = fc.oneof(
  { weight: 12, arbitrary: fc.constant<StaffName>('admin') },
  { weight: 3, arbitrary: fc.constant<StaffName>('d1') },
  { weight: 3, arbitrary: fc.constantFrom<StaffName>('sales', 'finance', 'clerk', 'supplier', 'auditor', 'd2') },
)

/**
 * One request does not come to them: they need what a single stage of an object has, or an object that fits another one line by line.
 * What they accept is shown by their own tests.
 */
const staged: ReadonlySet<string> = new Set([
  'RecordSettlementPayment',
  'AnswerDispute',
  'ConfirmStatementLines',
  'DisputeStatementLine',
  'DefineChartOfAccounts',
  'SubmitClaim',
  'SubmitFundClaim',
  'ApproveFundClaim',
  'DefineHealthModel',
  'NotifyViolation',
  'ExplainViolation',
  'ConfirmViolation',
  'RemedyViolation',
  'AssignAlert',
  'serials.batch',
  'violations.backTest',
  'violations.causes',
])

/** Every operation in turn, `share` of all requests between them; what went wrong, each failure once and shrunk. */
async function attackAll(
  some: readonly Operation[],
  share: number,
  follow?: () => Promise<void>,
): Promise<readonly string[]> {
  const wrong: string[] = []
  const failing = new Set<string>()
  const numRuns = Math.max(1, Math.round((total * share) / rounds / some.length))
  for (let round = 0; round < rounds; round++) {
    const log = await wholeLog()
    const [pool, recipes] = [createPool(log.filter((event) => !isKept(event))), recipesFrom(log)]
    for (const [index, operation] of some.entries()) {
      if (failing.has(operation.id)) continue
      const property = fc.asyncProperty(attackOn(operation, pool, recipes[operation.id]), caller, (attack, as) =>
        fuzzer.send(operation, attack, as, follow),
      )
      const { failed, errorInstance, counterexamplePath } = await fc.check(property, {
        seed: seed + round * 1_000 + index,
        numRuns,
        interruptAfterTimeLimit: 600_000,
        maxSkipsPerRun: 0,
      })
      if (!failed) continue
      failing.add(operation.id)
      const message = errorInstance instanceof Error ? errorInstance.message : String(errorInstance)
      wrong.push(`round ${round}, path ${counterexamplePath ?? ''}: ${message}`)
    }
  }
  return wrong
}

async function wholeLog() {
  const events = []
  for (let after = 0n, atHead = false; !atHead;) {
    const page = await api.store.readAll({ after, limit: 5_000 })
    events.push(...page.events)
    ;({ position: after, atHead } = page)
  }
  return events
}

describe(`${total} requests (seed ${seed})`, { timeout: 7_200_000 }, () => {
  test('commands are refused or have their one effect, and answer as documented', async () => {
    const commands = operations.filter(({ method, id }) => method !== 'GET' && !reading.has(id))
    expect((await attackAll(commands, 0.6)).join('\n\n')).toBe('')
  })

  test('whatever was accepted can be folded into every read model', async () => {
    await api.project()
  })

  test('commands that ask a read model first do too', async () => {
    const commands = operations.filter(({ id }) => reading.has(id))
    expect((await attackAll(commands, 0.05, api.project)).join('\n\n')).toBe('')
  })

  test('questions answer as documented, page to their end and change nothing', async () => {
    const questions = operations.filter(({ method }) => method === 'GET')
    expect((await attackAll(questions, 0.45)).join('\n\n')).toBe('')
  })

  test('requests went through to every operation', () => {
    const counts = operations.map(
      ({ id }) =>
        [id, fuzzer.counts.get(id) ?? { sent: 0, accepted: 0, refused: 0, milliseconds: 0, codes: {} }] as const,
    )
    const report = {
      seed,
      commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
      requests: fuzzer.sent(),
      accepted: counts.reduce((sum, [, { accepted }]) => sum + accepted, 0),
      operations: Object.fromEntries(counts),
      kinds: Object.fromEntries([...fuzzer.kinds].toSorted()),
    }
    const file = process.env['FUZZ_REPORT']
    if (file !== undefined) writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`)
    const never = counts.flatMap(([id, { accepted }]) => (accepted === 0 ? [id] : []))
    console.log(`seed ${seed} commit ${report.commit}: ${report.requests} requests, ${report.accepted} accepted`)
    console.log(`operations never reached with 2xx: ${never.join(', ') || 'none'}`)
    const slowest = counts.toSorted(([, a], [, b]) => b.milliseconds / b.sent - a.milliseconds / a.sent).slice(0, 5)
    console.log(
      `slowest: ${slowest.map(([id, { milliseconds, sent }]) => `${id} ${(milliseconds / sent).toFixed(0)} ms`).join(', ')}`,
    )
    expect(counts.filter(([, { sent }]) => sent === 0)).toEqual([])
    expect(isLong ? never.filter((id) => !staged.has(id)) : []).toEqual([])
  })
})
