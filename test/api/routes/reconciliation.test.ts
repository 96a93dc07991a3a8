import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ReconciliationEvent } from '../../../src/domain/reconciliation/events.ts'
import { postingsQueries } from '../../../src/projections/models/postings/queries.ts'
import { company } from '../../../src/runtime/demo/world.ts'
import { openGrownApi, type GrownApi } from '../../support/grownApi.ts'
import { eventsOf } from '../../support/grownChannel.ts'

type Data<Type extends ReconciliationEvent['type']> = Extract<ReconciliationEvent, { type: Type }>['data']
interface Line {
  readonly lineId: string
  readonly lineNo: number
  readonly kind: string
  readonly effect: string
  readonly balance: string
  readonly dealerConfirmedAt: string | null
  readonly disputes: readonly { disputeId: string; side: string; outcome: string | null }[]
}
interface Lines {
  readonly fingerprint: string
  readonly verified: boolean
  readonly items: readonly Line[]
  readonly next: number | null
}

let api: GrownApi
const chain = `/v1/reconciliations/${company}/CN001/CNY/statements`
const cutOff = '2025-02-01T12:00:00.000Z[UTC]'

beforeAll(async () => {
  api = await openGrownApi({ settings: { companyId: company } })
}, 600_000)
afterAll(() => api.close())

const ok = async (as: 'finance' | 'd1' | 'admin', method: string, url: string, body?: object): Promise<unknown> => {
  const answer = await api.send(as, method, url, body && { body })
  expect([url, answer.statusCode, answer.statusCode < 300 ? '' : answer.body]).toEqual([
    url,
    answer.statusCode < 300 ? answer.statusCode : 200,
    '',
  ])
  return answer.json()
}
const refused = async (
  as: 'finance' | 'd1' | 'd2' | 'clerk',
  method: string,
  url: string,
  body?: object,
): Promise<[number, string]> => {
  const answer = await api.send(as, method, url, body && { body })
  return [answer.statusCode, answer.json<{ code: string }>().code]
}
const linesOf = async (no: number): Promise<readonly Line[]> => {
  const lines: Line[] = []
  for (let after: number | null = 0; after !== null;) {
    const page = (await ok('d1', 'GET', `${chain}/${no}/lines?limit=7&after=${after}`)) as Lines
    expect(page.verified).toBe(true)
    lines.push(...page.items)
    after = page.next
  }
  return lines
}

describe('statements of the demonstration', () => {
  test('open where the one before closed, and are drawn again to the fingerprint that was published', async () => {
    const published = eventsOf<Data<'StatementPublished'>>(api.channel.log, 'StatementPublished')
    const streams = new Set(published.map(({ stream }) => stream))
    expect(streams.size).toBeGreaterThan(2)
    let lines = 0
    for (const name of streams) {
      const events = published.filter(({ stream }) => stream === name)
      const newest = new Map(events.map(({ data }) => [data.statementNo, data]))
      const chained = [...newest].filter(([no]) => no > 1)
      expect(chained.map(([, { opening }]) => opening)).toEqual(chained.map(([no]) => newest.get(no - 1)?.closing))
      for (const { companyId, dealerId, currency, statementNo, fingerprint, lineCount } of newest.values()) {
        const url = `/v1/reconciliations/${companyId}/${dealerId}/${currency}/statements/${statementNo}/lines?limit=1`
        const shown = (await ok('finance', 'GET', url)) as Lines
        expect([shown.verified, shown.fingerprint]).toEqual([true, fingerprint])
        lines += lineCount
      }
    }
    expect(lines).toBeGreaterThan(10)
  })

  test('the CSV has the published fingerprint, and its lines add up, by what it says alone', async () => {
    const { body, headers } = await api.send('d1', 'GET', `${chain}/1/csv`)
    expect(headers['content-type']).toBe('text/csv; charset=utf-8')
    const { item } = (await ok('d1', 'GET', `${chain}/1`)) as { item: { fingerprint: string; closing: string } }
    expect(createHash('sha256').update(body).digest('hex')).toBe(item.fingerprint)
    const rows = body
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((row) => row.split(','))
    const cents = (text = '0'): bigint => {
      const [, sign = '', whole = '0', rest = ''] = /^(-?)(\d+)\.?(\d*)$/.exec(text) ?? []
      return BigInt(`${sign}${whole}${rest.padEnd(2, '0')}`)
    }
    const opening = rows.find(([record]) => record === 'opening')
    const lines = rows.filter(([record = '']) => ['line', 'late', 'withdrawn'].includes(record))
    const closing = lines.reduce((sum, row) => sum + cents(row.at(-3)), cents(opening?.at(-2)))
    expect(String(closing)).toBe(item.closing)
    expect(lines.length).toBeGreaterThan(2)
  })

  test('are on paper the same bytes every time, in both languages, with the fingerprint', async () => {
    const { item } = (await ok('d1', 'GET', `${chain}/1`)) as { item: { fingerprint: string } }
    for (const [language, title] of [
      ['en', 'Statement of account'],
      ['zh-CN', '对账单'],
    ]) {
      const { body } = await api.send('d1', 'GET', `${chain}/1/paper?language=${language}`)
      expect(body).toContain(title)
      expect(body).toContain(item.fingerprint)
    }
    for (const [format, magic] of [
      ['xlsx', 'PK'],
      ['pdf', '%PDF'],
    ]) {
      const twice = [1, 2].map(() => api.send('d1', 'GET', `${chain}/1/paper?format=${format}`))
      const [one, other] = (await Promise.all(twice)).map(({ rawPayload }) => rawPayload)
      expect(one?.subarray(0, magic?.length).toString()).toBe(magic)
      expect(other?.equals(one ?? Buffer.alloc(0))).toBe(true)
    }
  }, 60_000)

  test('are a dealer’s own', async () => {
    expect(await refused('d2', 'GET', `${chain}/1/lines`)).toEqual([404, 'object.not_found'])
    expect(await refused('d2', 'GET', `${chain}/1/csv`)).toEqual([404, 'object.not_found'])
    expect(await refused('clerk', 'POST', `${chain}/1/confirmation`, { fingerprint: 'a'.repeat(64) })).toEqual([
      403,
      'auth.forbidden',
    ])
    const { items } = (await ok('d1', 'GET', '/v1/reconciliations')) as { items: { dealerId: string }[] }
    expect(new Set(items.map(({ dealerId }) => dealerId))).toEqual(new Set(['CN001']))
  })
})

describe('a new statement', () => {
  let no = 0
  let lines: readonly Line[]
  const occurredAt = '2025-02-01T09:00:00.000Z[UTC]'
  const account = { companyId: company, dealerId: 'CN001', currency: 'CNY' }
  const payment = (paymentId: string, amount: string) => ({ ...account, paymentId, amount, occurredAt })
  const list = async () =>
    (
      (await ok('d1', 'GET', '/v1/reconciliations')) as {
        items: { statementNo: number; status: string; fingerprint: string; version: number; closing: string }[]
      }
    ).items
  const current = async () => (await list()).find(({ statementNo }) => statementNo === no)!

  test('is published up to a cut-off, once', async () => {
    no = (await list()).length + 1
    for (const n of [1, 2, 3]) await ok('finance', 'POST', '/v1/accounts/CN001/payments', payment(`P-${n}`, `${n}00`))
    const invoice = {
      invoiceId: 'DN-1',
      kind: 'debit_note',
      lines: [],
      stated: { gross: '99900' },
      dueOn: '2025-03-01',
      zone: 'UTC',
    }
    await ok('finance', 'POST', '/v1/accounts/CN001/invoices', { ...account, ...invoice, occurredAt })
    await api.project()
    const made = (await ok('finance', 'POST', chain, { until: cutOff })) as { events: { type: string }[] }
    expect(made.events.map(({ type }) => type)).toEqual(['StatementPublished'])
    expect((await ok('finance', 'POST', chain, { until: cutOff })) as object).toMatchObject({ events: [] })
    await api.project()
    lines = await linesOf(no)
    expect(lines.length).toBeGreaterThan(3)
    expect(lines.map(({ lineNo }) => lineNo)).toEqual(lines.map((_, index) => index + 1))
    const { closing, status } = await current()
    expect([status, lines.at(-1)?.balance]).toEqual(['open', closing])
    // what the accounts say that it owes now
    const { items } = (await ok('finance', 'GET', '/v1/receivables/balances?dealerId=CN001&currency=CNY')) as {
      items: { balance: string }[]
    }
    expect(items.map(({ balance }) => balance)).toEqual([closing])
  }, 60_000)

  test('is confirmed line by line, with what each adds', async () => {
    const [one, other] = lines
    if (!one || !other) throw new Error('no lines')
    const seen = ({ lineId, effect }: Line) => ({ lineId, effect })
    const wrong = { lines: [{ lineId: one.lineId, effect: '1' }] }
    expect(await refused('d1', 'POST', `${chain}/${no}/line-confirmations`, wrong)).toEqual([
      422,
      'reconciliation.unknown_line',
    ])
    await ok('d1', 'POST', `${chain}/${no}/line-confirmations`, { lines: [seen(one), seen(other)] })
    const again = await ok('d1', 'POST', `${chain}/${no}/line-confirmations`, { lines: [seen(one)] })
    expect(again).toMatchObject({ events: [] })
  })

  test('is disputed, answered, restated and confirmed by both', async () => {
    const line = lines.find(({ effect }) => effect !== '0' && BigInt(effect) > 0n) ?? lines[2]
    if (!line) throw new Error('no line')
    const dispute = {
      disputeId: 'q-1',
      lineId: line.lineId,
      effect: line.effect,
      claimed: '0',
      reason: 'not_ours',
      note: 'Not ordered',
      evidence: 'e'.repeat(64),
    }
    await ok('d1', 'POST', `${chain}/${no}/disputes`, dispute)
    await ok('d1', 'POST', `${chain}/${no}/disputes`, {
      disputeId: 'q-2',
      claimed: '-500',
      reason: 'missing',
      reference: 'BANK 77',
    })
    await api.project()
    expect(await current()).toMatchObject({ status: 'disputed', openDisputes: 2 })
    const shown = (await linesOf(no)).find(({ lineId }) => lineId === line.lineId)
    expect(shown?.disputes).toEqual([
      { disputeId: 'q-1', side: 'dealer', claimed: '0', reason: 'not_ours', outcome: null },
    ])
    const { items } = (await ok('d1', 'GET', '/v1/reconciliation-disputes?open=true')) as {
      items: { disputeId: string; note: string }[]
    }
    expect(items.map(({ disputeId }) => disputeId).toSorted()).toEqual(['q-1', 'q-2'])
    expect(items.find(({ disputeId }) => disputeId === 'q-1')?.note).toBe('Not ordered')
    const { fingerprint } = await current()
    expect(await refused('finance', 'POST', `${chain}/${no}/confirmation`, { fingerprint })).toEqual([
      422,
      'reconciliation.disputes_open',
    ])
    expect(await refused('d1', 'POST', `${chain}/${no}/disputes/q-1/settlement`, { outcome: 'rejected' })).toEqual([
      422,
      'reconciliation.other_side',
    ])
    await ok('finance', 'POST', `${chain}/${no}/disputes/q-1/settlement`, {
      outcome: 'rejected',
      note: 'Signed delivery note',
    })
    await ok('d1', 'POST', `${chain}/${no}/disputes/q-2/settlement`, { outcome: 'withdrawn' })

    // a payment that arrived in time is recorded late
    await ok('finance', 'POST', '/v1/accounts/CN001/payments', payment('LATE-1', '12345'))
    await api.project()
    await ok('finance', 'POST', chain, { until: cutOff, restate: true })
    await api.project()
    const restated = await current()
    expect(restated.version).toBe(2)
    expect(await refused('d1', 'POST', `${chain}/${no}/confirmation`, { fingerprint })).toEqual([
      409,
      'reconciliation.other_fingerprint',
    ])
    const before = lines.at(-1)?.balance ?? '0'
    expect(BigInt(restated.closing)).toBe(BigInt(before) - 12345n)
    for (const side of ['d1', 'finance'] as const)
      await ok(side, 'POST', `${chain}/${no}/confirmation`, { fingerprint: restated.fingerprint })
    await api.project()
    expect(await current()).toMatchObject({ status: 'confirmed', openDisputes: 0 })
    expect(await refused('d1', 'POST', `${chain}/${no}/disputes`, { ...dispute, disputeId: 'q-3' })).toEqual([
      409,
      'reconciliation.confirmed',
    ])
  }, 60_000)

  test('is published for dealer after dealer of a closed period, and for nobody twice', async () => {
    const run = { companyId: company, calendarId: 'FISCAL', periodId: '2024-12', limit: 10 }
    const published: number[] = []
    type Run = {
      published: number
      unchanged: number
      refused: { dealerId: string; code: string }[]
      next: object | null
    }
    for (let after: object | null | undefined; after !== null;) {
      const answer = (await ok('finance', 'POST', '/v1/reconciliation-runs', {
        ...run,
        ...(after && { after }),
      })) as Run
      published.push(answer.published)
      // their newer statements are published
      expect(answer.refused.every(({ code }) => code === 'reconciliation.later_published')).toBe(true)
      after = answer.next
      await api.project()
    }
    expect(published.length).toBeGreaterThan(1)
    expect(published.reduce((sum, count) => sum + count)).toBeGreaterThan(20)
    expect(await ok('finance', 'POST', '/v1/reconciliation-runs', run)).toMatchObject({ published: 0 })
    expect(await refused('finance', 'POST', '/v1/reconciliation-runs', { ...run, periodId: '2025-01' })).toEqual([
      422,
      'reconciliation.period_open',
    ])
  }, 120_000)
})

describe('postings', () => {
  type Batch = {
    batchNo: number
    hash: string
    count: number
    status: string
    after: string
    upTo: string
    totals: { debit: string; credit: string }[]
  }
  const batches = async () => ((await ok('finance', 'GET', '/v1/posting-exports')) as { items: Batch[] }).items
  const one = `/v1/posting-exports/${company}`

  test('leave in batches that follow each other, each fetched to the same bytes', async () => {
    await ok('finance', 'POST', '/v1/posting-exports', { companyId: company })
    await api.project()
    const all = (await batches()).toReversed()
    expect(all.length).toBeGreaterThan(2)
    const seen: string[] = []
    for (const [n, { batchNo, hash, count, after, totals }] of all.entries()) {
      expect(after).toBe(all[n - 1]?.upTo ?? '0')
      expect(totals.every(({ debit, credit }) => debit === credit)).toBe(true)
      const { body } = await api.send('finance', 'GET', `${one}/${batchNo}/csv`)
      expect(createHash('sha256').update(body).digest('hex')).toBe(hash)
      const rows = body.trimEnd().split('\n').slice(1)
      expect(rows).toHaveLength(count)
      seen.push(...rows)
      const page = (await ok('finance', 'GET', `${one}/${batchNo}/postings?limit=5`)) as {
        verified: boolean
        items: { account: string }[]
      }
      expect([page.verified, page.items.every(({ account }) => /^\d{4}$/.test(account))]).toEqual([true, true])
    }
    // every posting of the journal is in exactly one
    const journal = await api.models.list(
      postingsQueries.find(({ name }) => name === 'postings.list')!,
      {},
    )
    const id = (entry: unknown, leg: unknown, reverses: unknown): string =>
      `${String(entry)} ${String(leg)} ${String(reverses)}`
    const exported = seen.map((row) => row.split(',')).map((cells) => id(cells[0], cells[1], cells.at(-1)))
    const last = BigInt(all.at(-1)?.upTo ?? 0)
    expect(exported.toSorted()).toEqual(
      journal
        .filter(({ entry }) => BigInt(String(entry)) <= last)
        .map(({ entry, leg, reverses }) => id(entry, leg, reverses))
        .toSorted(),
    )
  }, 120_000)

  test('are rejected and fetched again unchanged, then acknowledged once', async () => {
    const [newest] = await batches()
    if (!newest) throw new Error('no batch')
    const before = (await api.send('finance', 'GET', `${one}/${newest.batchNo}/csv`)).body
    await ok('finance', 'POST', `${one}/${newest.batchNo}/rejection`, { reason: 'period-not-open' })
    await ok('finance', 'POST', '/v1/accounts/CN001/payments', {
      companyId: company,
      dealerId: 'CN001',
      currency: 'CNY',
      paymentId: 'NEW-1',
      amount: '5',
    })
    expect((await api.send('finance', 'GET', `${one}/${newest.batchNo}/csv`)).body).toBe(before)
    await ok('finance', 'POST', `${one}/${newest.batchNo}/acknowledgement`, { reference: 'GL-9001' })
    await ok('finance', 'POST', `${one}/${newest.batchNo}/acknowledgement`, { reference: 'GL-9001' })
    expect(await refused('finance', 'POST', `${one}/${newest.batchNo}/acknowledgement`, { reference: 'GL-1' })).toEqual(
      [409, 'postings.acknowledged'],
    )
    expect(await ok('finance', 'POST', '/v1/posting-exports', { companyId: company })).toMatchObject({
      events: [{ type: 'PostingsExported' }],
    })
  })

  test('make a trial balance of zero whose receivable is what dealers owe', async () => {
    await api.project()
    const { items } = (await ok('finance', 'GET', '/v1/trial-balance?limit=500')) as {
      items: { role: string; currency: string; balance: string }[]
    }
    const owed: Record<string, bigint> = {}
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = (await ok(
        'finance',
        'GET',
        `/v1/receivables/balances?limit=500${cursor && `&cursor=${cursor}`}`,
      )) as { items: { currency: string; balance: string }[]; next: string | null }
      for (const { currency, balance } of page.items) owed[currency] = (owed[currency] ?? 0n) + BigInt(balance)
      cursor = page.next
    }
    expect(Object.keys(owed).toSorted()).toEqual(['CNY', 'EUR', 'USD'])
    for (const [currency, sum] of Object.entries(owed)) {
      const own = items.filter((one) => one.currency === currency)
      const total = (roles: readonly string[]): bigint =>
        own
          .filter(({ role }) => roles.length === 0 || roles.includes(role))
          .reduce((all, { balance }) => all + BigInt(balance), 0n)
      expect(total([])).toBe(0n)
      expect(total(['receivable', 'unapplied-receipts'])).toBe(sum)
    }
  })
})
