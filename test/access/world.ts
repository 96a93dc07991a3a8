import { expect } from 'vitest'
import { openDirectory } from '../../src/api/directory.ts'
import { violationsAggregate } from '../../src/domain/violations/violations.ts'
import { fundAggregate } from '../../src/domain/funds/fund.ts'
import { stockAggregate } from '../../src/domain/stock/decide.ts'
import type { EventStore } from '../../src/ledger/eventStore.ts'
import { accessModel } from '../../src/projections/models/access/model.ts'
import { staffDirectory, type StaffName } from '../support/api.ts'
import { demoLog } from '../support/demo.ts'
import { grownStaff, openGrownApi, type GrownApi } from '../support/grownApi.ts'
import { grownNow } from '../support/grownChannel.ts'
import { knowableTo } from './knowableTo.ts'

/** Values of path parameters. */
export type Objects = Readonly<Record<string, string>>

/** Who does not get in, and why. */
export const outsiders = {
  nobody: 'sends nothing',
  stranger: 'has a key that was never made',
  revoked: 'has a key that was revoked',
  expired: 'has a key whose time is over',
  disabled: 'is not with us any more',
} as const
export type Outsider = keyof typeof outsiders

/**
 * The grown channel with one object of every kind for each of two dealers, keys made by the ledger, and read models that
 * know of all of it.
 */
export async function openAccessWorld(around: (store: EventStore) => EventStore) {
  let now = grownNow - 3_600_000
  const staff = staffDirectory(grownStaff)
  const later: { directory?: ReturnType<typeof openDirectory> } = {}
  const api = await openGrownApi({
    around,
    now: () => now,
    directory: {
      byKey: async (keyId) => (await staff.byKey(keyId)) ?? later.directory?.byKey(keyId),
      byIdentity: async () => undefined,
      byId: async () => undefined,
    },
  })
  later.directory = openDirectory({
    reader: api.models.reader(accessModel),
    load: (aggregate, id) => api.ports.handler.load(aggregate, id),
    now: () => now,
  })
  const [own, foreign] = [await objectsFor(api, 'd1'), await objectsFor(api, 'd2')]
  const missing = Object.fromEntries(
    Object.entries(own).map(([name, value]) => [name, common.has(name) ? value : `${name}-of-nobody`]),
  )
  const keys = {
    service: await keyFor(api, 'service'),
    nobody: undefined,
    stranger: 'ApiKey 00000000-0000-8000-8000-000000000000.secret',
    revoked: await keyFor(api, 'revoked'),
    expired: await keyFor(api, 'expired', '2025-02-01T23:30:00.000Z[UTC]'),
    disabled: await keyFor(api, 'disabled'),
  }
  await give(api, 'admin', 'POST', `/v1/principals/revoked/api-keys/${keyIdOf(keys.revoked)}/revocation`, {
    reason: 'lost',
  })
  await give(api, 'admin', 'POST', '/v1/principals/disabled/disabling', { reason: 'left' })
  now = grownNow
  await api.project()
  const log = await demoLog(api.channel)
  return { api, keys, objects: { own, foreign, missing }, log, known: knowableTo(grownStaff.d1.dealerId, log) }
}

async function keyFor(api: GrownApi, principalId: string, expiresAt?: string): Promise<string> {
  await give(api, 'admin', 'POST', '/v1/principals', { principalId, role: 'sales', displayName: principalId })
  const made = await give(api, 'admin', 'POST', `/v1/principals/${principalId}/api-keys`, {
    label: 'matrix',
    ...(expiresAt !== undefined && { expiresAt }),
  })
  return `ApiKey ${String(made['apiKey'])}`
}

function keyIdOf(authorization: string): string {
  return authorization.slice('ApiKey '.length).split('.')[0] ?? ''
}

async function give(
  api: GrownApi,
  as: StaffName,
  method: string,
  url: string,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Record<string, unknown>> {
  const answer = await api.send(as, method, url, {
    body,
    headers,
    key: `${url} ${as} ${JSON.stringify(body)}`.slice(0, 200).replaceAll(/[^!-~]/g, '_'),
  })
  expect(answer.statusCode, `${method} ${url} ${answer.body}`).toBeLessThan(300)
  return answer.json<Record<string, unknown>>()
}

/** Names of what belongs to nobody. */
const common: ReadonlySet<string> = new Set(
  'sku location source documentType programmeId currency periodId settlementNo statementNo batchNo base quote code model position companyId evaluation paymentNo version role'.split(
    ' ',
  ),
)

/** What is in its history, and what it lacks. Names that two dealers share are shared things: products, periods, currencies. */
async function objectsFor(api: GrownApi, as: 'd1' | 'd2'): Promise<Objects> {
  const { dealerId } = grownStaff[as]
  const { log } = api.channel
  const of = (type: string, fits: (data: Data) => boolean = ({ dealerId: named }) => named === dealerId): Data => {
    const found = log.findLast((event) => event.type === type && fits(event.data as Data))
    return (found?.data ?? {}) as Data // where it has none, the id below is nobody's
  }
  const shipped = of('ShipmentDispatched')
  const settled = of('SettlementCalculated')
  const place = { party: dealerId, location: `${as}-store`, sku: 'DR-100' }
  const stock = `/v1/stock/${place.party}/${place.location}/${place.sku}`
  const [supplyId, blockId, reservationId, transferId] = ['supply', 'block', 'reservation', 'transfer'].map(
    (name) => `${name}-${as}`,
  )
  const cost = { unitPrice: '80', currency: 'CNY' }
  await give(api, as, 'POST', `${stock}/openings`, { quantity: '50', unit: 'EA', cost })
  await give(api, as, 'POST', `${stock}/supplies`, {
    supplyId,
    kind: 'purchase',
    quantity: '5',
    expectedOn: '2025-05-01',
  })
  await give(api, as, 'POST', `${stock}/blocks`, { blockId, reason: 'damaged', quantity: '1' })
  await give(api, 'sales', 'POST', `${stock}/reservations`, {
    reservationId,
    orderId: shipped.orderId,
    lines: [{ lineNo: 1, quantity: '1' }],
    expiresAt: '2025-05-01T00:00:00.000Z[UTC]',
  })
  await give(api, as, 'POST', '/v1/transfers', {
    transferId,
    companyId: 'KESTREL',
    from: { party: dealerId, location: place.location },
    to: { party: dealerId, location: `${as}-shop` },
    reason: 'season',
    lines: [{ lineNo: 1, sku: place.sku, quantity: '1' }],
  })
  const alertId = await alertFor(api, place)
  const disputeId = `dispute-${as}`
  const { programmeId, currency, periodId } = settled
  const settlement = ['/v1/settlements', programmeId, dealerId, currency, periodId, 1].map(String).join('/')
  const claim = { disputeId, difference: '100', reason: 'A line is missing' }
  if (settled.programmeId !== undefined) await give(api, 'finance', 'POST', `${settlement}/disputes`, claim)
  const claimed = await claimsFor(api, as, dealerId, place.sku, String(settled.periodId))
  const seen = await outletFor(api, as, dealerId, String(of('DealerRegistered').region), place.sku)
  const listId = `list-${as}`
  const effectiveAt = '2025-02-02T00:00:00.000Z[UTC]'
  await give(api, 'sales', 'POST', '/v1/price-lists', {
    companyId: 'KESTREL',
    listId,
    name: { en: listId },
    level: 'dealer',
    scope: { dealerId },
    currency: 'CNY',
    priority: 1,
    effectiveFrom: effectiveAt,
  })
  const price = { companyId: 'KESTREL', unit: 'EA', currency: 'CNY', newPrice: '100', effectiveAt, reason: 'launch' }
  await give(api, 'sales', 'PUT', `/v1/price-lists/${listId}/prices/${place.sku}`, price, { 'if-none-match': '*' })
  const evidenceId = `evidence-${as}`
  const proof = { companyId: 'KESTREL', evidenceId, kind: 'display' }
  await give(api, 'sales', 'POST', `/v1/dealers/${dealerId}/evidence`, proof)
  const principalId = `colleague-${as}`
  await give(api, as, 'POST', '/v1/principals', { principalId, role: 'dealer', rights: [], displayName: 'Colleague' })
  const { keyId } = await give(api, as, 'POST', `/v1/principals/${principalId}/api-keys`, { label: 'matrix' })
  const hook = await give(api, as, 'POST', '/v1/webhooks', {
    webhookId: `hook-${as}`,
    url: 'https://hooks.example.com/in',
    eventTypes: ['OrderPlaced'],
  })
  return {
    ...place,
    ...claimed,
    ...seen,
    violationId: await caseOf(api, dealerId),
    version: '1',
    dealerId,
    accountId: dealerId,
    orderId: String(shipped.orderId),
    shipmentId: String(shipped.shipmentId),
    returnId: String(of('GoodsReturned').returnId),
    invoiceId: String(of('InvoiceIssued').invoiceId),
    paymentId: String(of('PaymentReceived').paymentId),
    creditNoteId: String(of('CreditNoteIssued').creditNoteId),
    programmeId: String(settled.programmeId),
    currency: String(settled.currency),
    periodId: String(settled.periodId),
    settlementNo: '1',
    disputeId,
    statementNo: '1',
    batchNo: '1',
    supplyId: supplyId ?? '',
    blockId: blockId ?? '',
    reservationId: reservationId ?? '',
    transferId: transferId ?? '',
    principalId,
    keyId: String(keyId),
    webhookId: String(hook['id']),
    listId,
    calendarId: 'FISCAL',
    territoryId: 'CN-SH',
    companyId: 'KESTREL',
    base: 'USD',
    quote: 'CNY',
    code: 'object.not_found',
    model: 'orders',
    stream: `order-${String(shipped.orderId)}`,
    position: '1',
    promotionId: 'none',
    evidenceId,
    alertId,
    role: 'finance',
    evaluation: 'service-quality',
  }
}

/** An outlet with a report of what it sold, and a code on its way to the dealer. */
async function outletFor(
  api: GrownApi,
  as: 'd1' | 'd2',
  dealerId: string,
  region: string,
  sku: string,
): Promise<Objects> {
  const [outletId, number, serial] = [`outlet-${as}`, `sales-of-${as}`, `code-${as}`]
  const companyId = 'KESTREL'
  const effectiveAt = '2025-01-01T00:00:00.000Z[UTC]'
  const profile = { name: { en: outletId }, kind: 'store', region, zone: 'UTC' }
  await give(api, as, 'POST', '/v1/outlets', { outletId, companyId, ...profile, effectiveAt })
  const key = { source: 'matrix', documentType: 'monthly', number }
  const line = { lineNo: 1, outletId, sku, unit: 'EA', quantity: '1', day: '2025-01-20' }
  const days = { from: '2025-01-01', to: '2025-01-31' }
  await give(api, as, 'POST', '/v1/sell-out', { companyId, ...key, ...days, lines: [line] })
  await give(api, 'sales', 'POST', '/v1/serials', { serial, companyId, sku })
  await give(api, 'sales', 'POST', `/v1/serials/${serial}/shipments`, { companyId, dealerId })
  return { outletId, serial, ...key }
}

/** Its stock is low: what raised the alert. */
async function alertFor(api: GrownApi, place: { party: string; location: string; sku: string }): Promise<string> {
  const meta = { at: '2025-02-01T22:00:00.000Z[UTC]', actor: 'sales', source: { kind: 'process' } } as const
  const levels = { safetyStock: '100', reorderPoint: '200' }
  const commands = [
    { type: 'SetReplenishmentPolicy', ...place, levels },
    { type: 'CheckStockLevel', ...place },
  ] as const
  let alertId = ''
  for (const command of commands) {
    const outcome = await api.ports.handler.execute(stockAggregate, command, { ...meta, correlationId: command.type })
    if (outcome.ok) alertId = outcome.events.find(({ type }) => type === 'LowStockDetected')?.id ?? alertId
  }
  return alertId
}

/** An agreement and a claim, and a co-op fund with an accrual, an activity and a claim; both claims have one id. */
async function claimsFor(
  api: GrownApi,
  as: 'd1' | 'd2',
  dealerId: string,
  sku: string,
  periodId: string,
): Promise<Objects> {
  const [agreementId, claimId, fundId, activityId] = ['agreement', 'claim', 'fund', 'activity'].map(
    (name) => `${name}-${as}`,
  ) as [string, string, string, string]
  const [from, until] = ['2024-09-01T00:00:00.000Z[UTC]', '2025-12-31T00:00:00.000Z[UTC]']
  const companyId = 'KESTREL'
  const differences = `/v1/price-differences/${dealerId}/${sku}`
  const customer = { kind: 'ship-and-debit', endCustomer: 'SCHOOL', compared: 'layers' }
  const agreement = {
    companyId,
    agreementId,
    ...customer,
    contractPrice: '50',
    currency: 'CNY',
    unit: 'EA',
    quantity: '9',
  }
  await give(api, 'sales', 'POST', `${differences}/agreements`, { ...agreement, from, until })
  await api.project()
  const back = { kind: 'stock-rotation', periodId: '2025-Q1', quantity: '1', unit: 'EA', currency: 'CNY' }
  await give(api, as, 'POST', `${differences}/claims`, { companyId, claimId, ...back })
  const accrual = { rate: '0.5', calendarId: 'FISCAL', grain: 'quarter', rounding: 'half-up' }
  const fund = { companyId, fundId, dealerId, currency: 'CNY', name: { en: fundId }, from, until, claimWithinDays: 30 }
  await give(api, 'finance', 'POST', '/v1/funds', { ...fund, accrual })
  const { handler } = api.ports
  const seen = { base: '100000', cutOff: until, watermark: '1' }
  const accrued = await handler.execute(
    fundAggregate,
    { type: 'AccrueFund', fundId, periodId, ...seen },
    { at: from, actor: 'funds', source: { kind: 'schedule', system: 'funds' }, correlationId: 'accrual' },
  )
  expect(accrued).toMatchObject({ ok: true })
  const activity = { activityId, name: 'Fair', kind: 'fair', from, until, amount: '1000' }
  await give(api, as, 'POST', `/v1/funds/${fundId}/activities`, activity)
  const { revision } = await handler.loadWithRevision(fundAggregate, fundId)
  const one = `/v1/funds/${fundId}/activities/${activityId}`
  await give(api, 'sales', 'POST', `${one}/commitment`, {}, { 'if-match': `"${revision}"` })
  const proofs = [as.padEnd(64, '0')]
  const expenses = [{ lineNo: 1, what: 'Stand', spentAt: '2025-01-05T00:00:00.000Z[UTC]', amount: '100', proofs }]
  await give(api, as, 'POST', `${one}/claims`, { claimId, expenses })
  return { agreementId, claimId, fundId, activityId, paymentNo: '1' }
}

/** Found by a process, as such cases are. */
async function caseOf({ ports }: GrownApi, dealerId: string): Promise<string> {
  const at = '2025-01-20T00:00:00.000Z[UTC]'
  const violationId = `case-${dealerId}`
  const evidence = [{ eventId: '00000000-0000-4000-8000-000000000001', role: 'credit' }]
  const found = { kind: 'HIDDEN_REBATE', from: at, to: at, score: '1', figures: {}, evidence } as const
  const judged = {
    policyVersion: 1,
    derivesFromResale: false,
    repeatWithinDays: 90,
    explainWithinDays: 5,
    quietDays: 0,
  }
  const outcome = await ports.handler.execute(
    violationsAggregate,
    {
      type: 'DetectViolation',
      companyId: 'KESTREL',
      dealerId,
      violationId,
      ...found,
      ...judged,
      figures: {},
      evidence,
    },
    { at, actor: 'violations', source: { kind: 'process', system: 'violations' }, correlationId: 'case' },
  )
  expect(outcome).toMatchObject({ ok: true })
  return violationId
}

export const claimsPolicy = {
  terms: {
    effectiveFrom: '2024-10-01T00:00:00.000Z[UTC]',
    rotation: { calendarId: 'FISCAL', grain: 'quarter', share: '0.5', method: 'scrap' },
    claimWithinDays: 60,
    rounding: 'half-up',
  },
}

type Data = Readonly<Record<string, unknown>>
