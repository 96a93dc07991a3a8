import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { instantOf } from '../../../src/domain/kernel/businessTime.ts'
import { drawStatement } from '../../../src/domain/reconciliation/drawStatement.ts'
import { aggregates } from '../../../src/domain/registry.ts'
import type { RecordedEvent } from '../../../src/ledger/envelope.ts'
import { createEventRegistry } from '../../../src/ledger/eventRegistry.ts'
import type { EventStore } from '../../../src/ledger/eventStore.ts'
import { accountsModel } from '../../../src/projections/models/accounts/model.ts'
import { accountsQueries } from '../../../src/projections/models/accounts/queries.ts'
import { postingsModel } from '../../../src/projections/models/postings/model.ts'
import { postingsQueries } from '../../../src/projections/models/postings/queries.ts'
import { readPostings } from '../../../src/projections/models/postings/readPostings.ts'
import { reconciliationModel } from '../../../src/projections/models/reconciliation/model.ts'
import { openStatementEntries } from '../../../src/projections/models/reconciliation/statementEntries.ts'
import { createLedgerEntries } from '../../../src/runtime/demo/ledgerEntries.ts'
import { openReadModels, recordHistory, type OpenReadModels } from '../../support/readModels.ts'
import { sampleHistory } from '../../support/sampleHistory.ts'
import { seededRandom } from '../../support/seededRandom.ts'

// A history with late facts, declared errors and cancelled invoices: what the read models say against what the log says.

const seed = 20_261_122
const companyId = 'ACME'
let log: readonly RecordedEvent[]
let head: bigint
let models: OpenReadModels
const registry = createEventRegistry(aggregates)
const query = (name: string) => [...postingsQueries, ...accountsQueries].find((one) => one.name === name)!

/** As much of a store as reading needs. */
const store = {
  readAll: async ({ after, types }) => ({
    events: log.filter(({ position, type }) => position > after && (types?.includes(type) ?? true)),
    position: head,
    atHead: true,
  }),
  readStream: async (stream, { from = 0, limit = 5_000 } = {}) =>
    log.filter((event) => event.stream === stream && event.revision >= from).slice(0, limit),
} as Pick<EventStore, 'readAll' | 'readStream'> as EventStore // nothing else is asked of it

beforeAll(async () => {
  log = await recordHistory(sampleHistory(seed, 40))
  head = log.at(-1)!.position
  models = await openReadModels([postingsModel, reconciliationModel, accountsModel], Date.UTC(2027, 0, 1))
  await models.fold(log)
}, 120_000)
afterAll(() => models.close())

describe('the journal', () => {
  test('is, at every position, what the log itself gives', async () => {
    const random = seededRandom(seed)
    let reversals = 0
    for (const upTo of [head, ...Array.from({ length: 6 }, () => BigInt(1 + Math.floor(random() * Number(head))))]) {
      const { postings } = await readPostings({ store, registry }, { companyId, after: 0n, upTo })
      const expected = postings.map((one) => ({
        entry: String(one.position),
        leg: one.legNo,
        day: one.occurredAt.slice(0, 10),
        role: one.role,
        amount: String(one.amount),
        currency: one.currency,
        dealerId: one.dealerId,
        documentId: one.documentId,
        eventType: one.eventType,
        reverses: one.reverses ?? '',
      }))
      const rows = await models.list(query('postings.list'), { companyId }, { knownAt: upTo })
      const found = rows.map(
        ({ debit, credit, entry, leg, day, role, currency, dealerId, documentId, eventType, reverses }) => ({
          entry: String(entry),
          leg,
          day,
          role,
          amount: String(BigInt(String(debit)) - BigInt(String(credit))),
          currency,
          dealerId,
          documentId,
          eventType,
          reverses,
        }),
      )
      const order = (all: object[]): string[] => all.map((one) => JSON.stringify(one)).sort()
      expect(order(found), `known at ${upTo}, seed ${seed}`).toEqual(order(expected))
      reversals += found.filter(({ reverses }) => reverses !== '').length
    }
    expect(reversals).toBeGreaterThan(10)
  })

  test('is the same whatever its range is cut into', async () => {
    const whole = await readPostings({ store, registry }, { companyId, after: 0n, upTo: head })
    const parts = []
    for (let after = 0n; after < head;) {
      const { postings, upTo } = await readPostings({ store, registry }, { companyId, after, upTo: head, limit: 7 })
      parts.push(...postings)
      after = upTo
    }
    expect(parts).toEqual(whole.postings)
  })

  test('balances: per currency debits equal credits, at any moment', async () => {
    const random = seededRandom(seed)
    let currencies = 0
    for (let n = 0; n < 10; n++) {
      const knownAt = BigInt(1 + Math.floor(random() * Number(head)))
      const moment = n === 0 ? {} : { knownAt, asOf: instantOf(log[Math.floor(random() * log.length)]!.occurredAt) }
      const sums = new Map<string, bigint>()
      for (const { currency, balance } of await models.list(query('postings.trialBalance'), {}, moment))
        sums.set(String(currency), (sums.get(String(currency)) ?? 0n) + BigInt(String(balance)))
      expect(
        [...sums.values()].filter((sum) => sum !== 0n),
        `seed ${seed}`,
      ).toEqual([])
      currencies = Math.max(currencies, sums.size)
    }
    expect(currencies).toBeGreaterThan(1)
  })
})

describe('the entries of statements', () => {
  test('are those of the log, and a chain over them closes with the balances of the accounts', async () => {
    const fromModel = openStatementEntries(models.reader(reconciliationModel), 1_000)
    const fromLog = createLedgerEntries({ store, registry })
    const chains = await fromModel.chains(companyId, Date.UTC(2030, 0, 1), head, { after: undefined, limit: 100 })
    expect(chains.length).toBeGreaterThan(2)
    let corrections = 0
    let withdrawn = 0
    for (const chain of chains) {
      const of = { companyId, ...chain }
      const times = log.map(({ occurredAt }) => instantOf(occurredAt))
      const [start, end] = [Math.min(...times), Math.max(...times) + 1]
      let [opening, prior, from] = ['0', 0n, 0]
      for (const part of [0.4, 0.6, 0.8, 1]) {
        const watermark = BigInt(Math.floor(Number(head) * part))
        const until = part === 1 ? end : start + Math.floor((end - start) * part * 0.5)
        const cut = { from, until, prior: from === 0 ? watermark : prior, watermark }
        const entries = await fromModel.entries(of, cut)
        expect(entries.every(({ withdrawnAt = 0n }) => withdrawnAt <= watermark)).toBe(true)
        withdrawn += entries.filter(({ withdrawnAt }) => withdrawnAt !== undefined).length
        const drawn = drawStatement(entries, cut, opening)
        expect(drawn, `${JSON.stringify(of)} at ${watermark}`).toEqual(
          drawStatement(await fromLog.entries(of, cut), cut, opening),
        )
        const owed = await fromModel.owedAt(of, until, watermark)
        expect(drawn.closing).toBe(owed)
        expect(await fromLog.owedAt(of, until, watermark)).toBe(owed)
        corrections += drawn.lines.filter(({ record }) => record !== 'line').length
        ;[opening, prior, from] = [drawn.closing, watermark, until]
      }
      const [balance] = await models.list(query('receivables.balances'), of)
      expect(opening).toBe(balance?.['balance'] ?? '0')
    }
    expect(corrections).toBeGreaterThan(3)
    expect(withdrawn).toBeGreaterThan(3)
  })
})
