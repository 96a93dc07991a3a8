import { z } from 'zod'
import { breaches as breachList } from '../../../domain/kernel/breach.ts'
import { calendarDate, sealedText } from '../../../domain/kernel/fields.ts'
import { checkPoint, countFrom, exposureSnapshot, holdKind } from '../../../domain/credit/events.ts'
import { buckets } from '../../../domain/credit/exposure.ts'
import {
  claimRef,
  creditNoteReason,
  invoiceIssued,
  invoiceKind,
  creditNoteIssued,
  paymentMethod,
  settlementRef,
  offset,
} from '../../../domain/receivables/events.ts'
import type { Source } from '../../engine/ask.ts'
import type { Bind } from '../../engine/foldQuery.ts'
import { defineQuery } from '../../engine/query.ts'
import { isoTime, plainDecimal, where } from '../sqlText.ts'
import { accountsModel } from './model.ts'

const id = z.string().min(1).max(64)
const flag = z.enum(['true', 'false'])
const base = { model: accountsModel, owner: 'dealerId', audience: 'everyone' } as const

const is = (column: string, value: string | undefined, bind: Bind): string | false =>
  value !== undefined && `${column} = ${bind(value)}`

/**
 * The exposure of every party: the dealer's own, and of a group or parent the sum of all below it. Currencies stay
 * apart; a limit stands in the row of its currency, and its headroom is known where all exposure is in that currency.
 */
const exposure = defineQuery({
  ...base,
  name: 'credit.exposure',
  summary: 'Exposure of parties per currency with its parts, limit and headroom; minor units',
  path: '/v1/credit/exposure',
  kind: 'list',
  params: z.object({
    dealerId: id.optional(),
    party: id.optional(),
    accountId: id.optional(),
    currency: id.optional(),
  }),
  row: z.object({
    accountId: z.string(),
    party: z.string(),
    currency: z.string(),
    /** ordered, neither delivered nor invoiced, from where the limit counts it */
    open: z.string(),
    /** open, from where no limit counts it yet */
    notCounted: z.string(),
    delivered: z.string(),
    receivable: z.string(),
    unapplied: z.string(),
    credits: z.string(),
    /** open + delivered + receivable − unapplied − credits */
    exposure: z.string(),
    limit: z.string().nullable(),
    limitVersion: z.int().nullable(),
    headroom: z.string().nullable(),
  }),
  order: [
    ['accountId', 'asc'],
    ['party', 'asc'],
    ['currency', 'asc'],
  ],
  sql: (params, from, bind) => `
    with below as (
      select account_id, p.party, dealer_id from ${from('members')} m cross join lateral jsonb_array_elements_text(m.parties) p(party)
      union select account_id, dealer_id, dealer_id from ${from('exposures')} e),
    limits as (select * from ${from('limits')} l where terms is not null),
    parts as (
      select b.account_id, b.party, e.currency, ${buckets.join(', ')} from below b join ${from('exposures')} e using (account_id, dealer_id)
      union all select account_id, party, terms->>'currency', ${buckets.map(() => '0').join(', ')} from limits),
    summed as (
      select account_id, party, currency, ${buckets.map((bucket) => `sum(${bucket}) as ${bucket}`).join(', ')}
      from parts p ${where(is('p.party', params.dealerId, bind), is('p.party', params.party, bind), is('p.account_id', params.accountId, bind))}
      group by account_id, party, currency),
    judged as (
      select s.*, l.terms, case when l.terms->>'countFrom' = 'confirmed' then placed else 0 end as apart,
        placed + confirmed + delivered + receivable - unapplied - credits - case when l.terms->>'countFrom' = 'confirmed' then placed else 0 end as exposure
      from summed s left join limits l using (account_id, party)),
    compared as (
      select *, currency = terms->>'currency' as is_limited,
        count(*) filter (where exposure <> 0 and currency <> terms->>'currency') over (partition by account_id, party) as foreign_currencies
      from judged)
    select account_id as "accountId", party, currency, ${plainDecimal('placed + confirmed - apart')} as "open", ${plainDecimal('apart')} as "notCounted",
      ${plainDecimal('delivered')} as delivered, ${plainDecimal('receivable')} as receivable, ${plainDecimal('unapplied')} as unapplied,
      ${plainDecimal('credits')} as credits, ${plainDecimal('exposure')} as exposure,
      case when is_limited then terms->>'amount' end as "limit", case when is_limited then terms->'version' end as "limitVersion",
      case when is_limited and foreign_currencies = 0 then ${plainDecimal(`(terms->>'amount')::numeric - exposure`)} end as headroom
    from compared c ${where(is('c.currency', params.currency, bind))}`,
})

const exposureHistory = defineQuery({
  ...base,
  name: 'credit.exposureHistory',
  summary: 'The events behind the exposure of a dealer, each with what it moved; their sums are its parts',
  path: '/v1/credit/exposure/:dealerId/history',
  kind: 'list',
  params: z.object({ dealerId: id, currency: id.optional() }),
  row: z.object({
    occurredAt: z.string(),
    position: z.string(),
    eventId: z.string(),
    eventType: z.string(),
    accountId: z.string(),
    currency: z.string(),
    /** order, invoice, payment or credit note */
    documentId: z.string().nullable(),
    placed: z.string(),
    confirmed: z.string(),
    delivered: z.string(),
    receivable: z.string(),
    unapplied: z.string(),
    credits: z.string(),
  }),
  order: [
    ['occurredAt', 'asc'],
    ['position', 'asc'],
  ],
  sql: ({ dealerId, currency }, from) =>
    `select ${isoTime('at')} as "occurredAt", position, event_id as "eventId", event_type as "eventType", account_id as "accountId", currency,
       document_id as "documentId", ${buckets.map((bucket) => `${plainDecimal(`coalesce(${bucket}, 0)`)} as "${bucket}"`).join(', ')}
     from ${from.facts('exposures', { dealer_id: dealerId, currency })} f`,
})

const limits = defineQuery({
  ...base,
  name: 'credit.limits',
  summary: 'Credit limits in force',
  path: '/v1/credit/limits',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), party: id.optional(), accountId: id.optional() }),
  row: z.object({
    accountId: z.string(),
    party: z.string(),
    amount: z.string(),
    currency: z.string(),
    checkPoints: z.array(checkPoint),
    countFrom,
    overdueDaysHold: z.int().nullable(),
    rateKind: z.string(),
    version: z.int(),
    setAt: z.string(),
  }),
  order: [
    ['accountId', 'asc'],
    ['party', 'asc'],
  ],
  sql: (params, from, bind) =>
    `select account_id as "accountId", party, terms->>'amount' as amount, terms->>'currency' as currency, terms->'checkPoints' as "checkPoints",
       terms->>'countFrom' as "countFrom", terms->'overdueDaysHold' as "overdueDaysHold", terms->>'rateKind' as "rateKind",
       terms->'version' as version, ${isoTime('set_at')} as "setAt"
     from ${from('limits', { account_id: params.accountId })} l ${where(is('party', params.dealerId, bind), is('party', params.party, bind))}`,
})

/** A hold on one order of a dealer may rest on the figures of its whole group: those are not for the dealer's eyes. */
const holds = defineQuery({
  ...base,
  name: 'credit.holds',
  summary: 'Credit holds on orders and parties, with the figures that placed them',
  path: '/v1/credit/holds',
  kind: 'list',
  params: z.object({
    dealerId: id.optional(),
    party: id.optional(),
    orderId: id.optional(),
    kind: holdKind.optional(),
    open: flag.optional(),
  }),
  row: z.object({
    accountId: z.string(),
    holdId: z.string(),
    kind: holdKind,
    party: z.string(),
    orderId: z.string().nullable(),
    dealerId: z.string().nullable(),
    checkPoint: checkPoint.nullable(),
    exposures: z.array(exposureSnapshot),
    overdueInvoices: z.array(z.string()),
    placedAt: z.string(),
    open: z.boolean(),
    releasedAt: z.string().nullable(),
    cause: z.string().nullable(),
  }),
  order: [
    ['placedAt', 'desc'],
    ['accountId', 'asc'],
    ['holdId', 'asc'],
  ],
  sql: (params, from, bind) => {
    const dealer = params.dealerId === undefined ? undefined : bind(params.dealerId)
    const evidence = (name: string, isOwn: string): string =>
      `coalesce((select jsonb_agg(x) from jsonb_array_elements(evidence->'${name}') x ${dealer === undefined ? '' : `where ${isOwn} = ${dealer}`}), '[]')`
    return `select account_id as "accountId", hold_id as "holdId", kind, party, order_id as "orderId", dealer_id as "dealerId",
        evidence->>'checkPoint' as "checkPoint", ${evidence('exposures', `x->>'party'`)} as exposures, ${evidence('overdueInvoices', 'party')} as "overdueInvoices",
        ${isoTime('placed_at')} as "placedAt", is_placed as open, case when not is_placed then ${isoTime('released_at')} end as "releasedAt", case when not is_placed then cause end as cause
      from ${from('holds')} h ${where(
        'placed_at is not null',
        dealer !== undefined && `(dealer_id = ${dealer} or dealer_id is null and party = ${dealer})`,
        is('party', params.party, bind),
        is('order_id', params.orderId, bind),
        is('kind', params.kind, bind),
        params.open !== undefined && `is_placed = ${bind(params.open === 'true')}`,
      )}`
  },
})

const creditOrders = defineQuery({
  ...base,
  name: 'credit.orders',
  summary: 'What orders hold of their dealer’s credit: open and delivered, not invoiced; minor units',
  path: '/v1/credit/orders',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), accountId: id.optional(), orderId: id.optional() }),
  row: z.object({
    accountId: z.string(),
    orderId: z.string(),
    dealerId: z.string(),
    currency: z.string(),
    placed: z.string(),
    confirmed: z.string(),
    delivered: z.string(),
    /** the newest check point passed */
    checkPoint: checkPoint.nullable(),
    clearedAt: z.string().nullable(),
    overrideId: z.string().nullable(),
  }),
  order: [
    ['accountId', 'asc'],
    ['orderId', 'asc'],
  ],
  sql: (params, from, bind) =>
    `select account_id as "accountId", order_id as "orderId", dealer_id as "dealerId", currency, ${plainDecimal('placed')} as placed,
       ${plainDecimal('confirmed')} as confirmed, ${plainDecimal('delivered')} as delivered, check_point as "checkPoint",
       ${isoTime('cleared_at')} as "clearedAt", override_id as "overrideId"
     from ${from('orders', { account_id: params.accountId, order_id: params.orderId })} o
     ${where('(placed <> 0 or confirmed <> 0 or delivered <> 0)', is('dealer_id', params.dealerId, bind))}`,
})

const overrides = defineQuery({
  ...base,
  audience: 'finance',
  name: 'credit.overrides',
  summary: 'Approvals that let an order pass a limit',
  path: '/v1/credit/overrides',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), orderId: id.optional() }),
  row: z.object({
    accountId: z.string(),
    overrideId: z.string(),
    orderId: z.string(),
    dealerId: z.string(),
    currency: z.string(),
    upTo: z.string(),
    until: z.string().nullable(),
    approvedAt: z.string(),
    reason: sealedText,
  }),
  order: [
    ['approvedAt', 'desc'],
    ['accountId', 'asc'],
    ['overrideId', 'asc'],
  ],
  sql: (params, from, bind) =>
    `select account_id as "accountId", override_id as "overrideId", order_id as "orderId", dealer_id as "dealerId", currency, ${plainDecimal('up_to')} as "upTo",
       ${isoTime('until')} as until, ${isoTime('approved_at')} as "approvedAt", reason
     from ${from('overrides')} o ${where(is('dealer_id', params.dealerId, bind), is('order_id', params.orderId, bind))}`,
})

const invoiceStatus = z.enum(['open', 'overdue', 'settled', 'cancelled'])
const invoice = {
  accountId: z.string(),
  invoiceId: z.string(),
  kind: invoiceKind,
  companyId: z.string(),
  dealerId: z.string(),
  currency: z.string(),
  orderId: z.string().nullable(),
  shipmentId: z.string().nullable(),
  issuedAt: z.string(),
  dueOn: z.string(),
  /** the first instant at which it is overdue */
  dueAt: z.string(),
  gross: z.string(),
  paid: z.string(),
  credited: z.string(),
  open: z.string(),
  status: invoiceStatus,
  /** begun days past due, of an open invoice; 0 when it is not overdue */
  daysOverdue: z.int(),
}
const daysOverdue = (from: Source): string =>
  `case when d.open > 0 and d.due_at <= ${from.at()} then floor(extract(epoch from ${from.at()} - d.due_at) / 86400)::integer + 1 else 0 end`
const statusOf = (from: Source): string =>
  `case when d.is_void then 'cancelled' when d.open <= 0 then 'settled' when d.due_at <= ${from.at()} then 'overdue' else 'open' end`
const invoiceColumns = (from: Source): string => `
  d.account_id as "accountId", d.document_id as "invoiceId", d.subtype as kind, d.company_id as "companyId", d.dealer_id as "dealerId", d.currency,
  d.order_id as "orderId", d.shipment_id as "shipmentId", ${isoTime('d.dated_at')} as "issuedAt", d.due_on::text as "dueOn", ${isoTime('d.due_at')} as "dueAt",
  ${plainDecimal('d.amount')} as gross, ${plainDecimal('d.paid')} as paid, ${plainDecimal('d.credited')} as credited, ${plainDecimal('d.open')} as "open",
  ${statusOf(from)} as status, ${daysOverdue(from)} as "daysOverdue"`
/** A document whose own event was declared in error is none, whatever refers to it. */
const exists = 'd.dated_at is not null'

const documentFilters = {
  dealerId: id.optional(),
  accountId: id.optional(),
  companyId: id.optional(),
  currency: id.optional(),
  orderId: id.optional(),
  /** made on or after, and until the end of, these days in UTC */
  from: calendarDate.optional(),
  to: calendarDate.optional(),
}
type DocumentFilters = z.infer<z.ZodObject<typeof documentFilters>>

function ofDocuments(params: DocumentFilters, bind: Bind): (string | false)[] {
  return [
    exists,
    is('d.dealer_id', params.dealerId, bind),
    is('d.company_id', params.companyId, bind),
    is('d.currency', params.currency, bind),
    is('d.order_id', params.orderId, bind),
    params.from !== undefined && `d.dated_at >= ${bind(params.from)}::timestamp at time zone 'UTC'`,
    params.to !== undefined && `d.dated_at < (${bind(params.to)}::timestamp + interval '1 day') at time zone 'UTC'`,
  ]
}

const invoices = defineQuery({
  ...base,
  name: 'invoices.list',
  summary: 'Invoices and debit notes with what is paid, credited and open; minor units',
  path: '/v1/invoices',
  kind: 'list',
  params: z.object({ ...documentFilters, status: invoiceStatus.optional(), dueBefore: calendarDate.optional() }),
  row: z.object(invoice),
  order: [
    ['issuedAt', 'desc'],
    ['accountId', 'asc'],
    ['invoiceId', 'asc'],
  ],
  sql: (params, from, bind) =>
    `select ${invoiceColumns(from)} from ${from('documents', { kind: 'invoice', account_id: params.accountId })} d ${where(
      ...ofDocuments(params, bind),
      params.status !== undefined && `${statusOf(from)} = ${bind(params.status)}`,
      params.dueBefore !== undefined && `d.open > 0 and d.due_on < ${bind(params.dueBefore)}::date`,
    )}`,
})

const { lines, net, freight, taxes, roundings } = invoiceIssued.schema.shape
const oneInvoice = defineQuery({
  ...base,
  name: 'invoices.one',
  summary: 'One invoice with its lines, taxes and rounding steps',
  path: '/v1/invoices/:invoiceId',
  kind: 'one',
  params: z.object({ dealerId: id.optional(), invoiceId: id }),
  row: z.object({ ...invoice, settlement: settlementRef.nullable(), lines, net, freight, taxes, roundings }),
  sql: ({ dealerId, invoiceId }, from, bind) =>
    `select ${invoiceColumns(from)}, d.settlement, ${['lines', 'taxes', 'roundings'].map((part) => `d.content->'${part}' as ${part}`).join(', ')},
       d.content->>'net' as net, d.content->>'freight' as freight
     from ${from('documents', { kind: 'invoice', document_id: invoiceId })} d ${where(exists, is('d.dealer_id', dealerId, bind))} order by d.account_id`,
})

const payments = defineQuery({
  ...base,
  name: 'payments.list',
  summary: 'Payments with what is not allocated yet; minor units',
  path: '/v1/payments',
  kind: 'list',
  params: z
    .object({ ...documentFilters, paymentId: id.optional(), unapplied: flag.optional() })
    .omit({ orderId: true }),
  row: z.object({
    accountId: z.string(),
    paymentId: z.string(),
    companyId: z.string(),
    dealerId: z.string(),
    currency: z.string(),
    method: paymentMethod,
    reference: z.string().nullable(),
    receivedAt: z.string(),
    amount: z.string(),
    unapplied: z.string(),
    reversed: z.boolean(),
  }),
  order: [
    ['receivedAt', 'desc'],
    ['accountId', 'asc'],
    ['paymentId', 'asc'],
  ],
  sql: (params, from, bind) =>
    `select d.account_id as "accountId", d.document_id as "paymentId", d.company_id as "companyId", d.dealer_id as "dealerId", d.currency, d.subtype as method,
       d.reference, ${isoTime('d.dated_at')} as "receivedAt", ${plainDecimal('d.amount')} as amount, ${plainDecimal('d.open')} as unapplied, d.is_void as reversed
     from ${from('documents', { kind: 'payment', account_id: params.accountId, document_id: params.paymentId })} d ${where(
       ...ofDocuments(params, bind),
       params.unapplied !== undefined && `(d.open > 0) = ${bind(params.unapplied === 'true')}`,
     )}`,
})

const creditNotes = defineQuery({
  ...base,
  name: 'creditNotes.list',
  summary: 'Credit notes with their lines and what is not applied yet; minor units',
  path: '/v1/credit-notes',
  kind: 'list',
  params: z.object({
    ...documentFilters,
    creditNoteId: id.optional(),
    reason: creditNoteReason.optional(),
    unapplied: flag.optional(),
  }),
  row: z.object({
    accountId: z.string(),
    creditNoteId: z.string(),
    companyId: z.string(),
    dealerId: z.string(),
    currency: z.string(),
    reason: creditNoteReason,
    invoiceId: z.string().nullable(),
    orderId: z.string().nullable(),
    settlement: settlementRef.nullable(),
    /** credit for invoices to come: of each at most this share, until then */
    offset: offset.nullable(),
    claim: claimRef.nullable(),
    issuedAt: z.string(),
    amount: z.string(),
    unapplied: z.string(),
    lines: creditNoteIssued.schema.shape.lines,
  }),
  order: [
    ['issuedAt', 'desc'],
    ['accountId', 'asc'],
    ['creditNoteId', 'asc'],
  ],
  sql: (params, from, bind) =>
    `select d.account_id as "accountId", d.document_id as "creditNoteId", d.company_id as "companyId", d.dealer_id as "dealerId", d.currency, d.subtype as reason,
       d.invoice_id as "invoiceId", d.order_id as "orderId", d.settlement, d.set_off as "offset", d.content->'claim' as claim, ${isoTime('d.dated_at')} as "issuedAt", ${plainDecimal('d.amount')} as amount,
       ${plainDecimal('d.open')} as unapplied, d.content->'lines' as lines
     from ${from('documents', { kind: 'creditNote', account_id: params.accountId, document_id: params.creditNoteId })} d ${where(
       ...ofDocuments(params, bind),
       is('d.subtype', params.reason, bind),
       params.unapplied !== undefined && `(d.open > 0) = ${bind(params.unapplied === 'true')}`,
     )}`,
})

const allocations = defineQuery({
  ...base,
  name: 'allocations.list',
  summary: 'What payments and credit notes settle of which invoice; minor units',
  path: '/v1/allocations',
  kind: 'list',
  params: z.object({
    dealerId: id.optional(),
    accountId: id.optional(),
    invoiceId: id.optional(),
    documentId: id.optional(),
  }),
  row: z.object({
    accountId: z.string(),
    dealerId: z.string(),
    currency: z.string(),
    kind: z.enum(['payment', 'creditNote']),
    documentId: z.string(),
    invoiceId: z.string(),
    amount: z.string(),
    /** of the newest change */
    appliedAt: z.string(),
  }),
  order: [
    ['appliedAt', 'desc'],
    ['accountId', 'asc'],
    ['kind', 'asc'],
    ['documentId', 'asc'],
    ['invoiceId', 'asc'],
  ],
  sql: (
    params,
    from,
    bind,
  ) => `select account_id as "accountId", dealer_id as "dealerId", currency, kind, document_id as "documentId", invoice_id as "invoiceId",
      ${plainDecimal('amount')} as amount, ${isoTime('applied_at')} as "appliedAt"
    from ${from('allocations', { account_id: params.accountId, invoice_id: params.invoiceId, document_id: params.documentId })} a
    ${where('amount <> 0', is('dealer_id', params.dealerId, bind))}`,
})

const buckets30 = {
  notDue: 'd.days = 0',
  days1to30: 'd.days between 1 and 30',
  days31to60: 'd.days between 31 and 60',
  days61to90: 'd.days between 61 and 90',
  over90: 'd.days > 90',
}
const ageing = defineQuery({
  ...base,
  name: 'receivables.ageing',
  summary: 'Open invoices per dealer and currency by days past due, and what is received and not applied; minor units',
  path: '/v1/receivables/ageing',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), companyId: id.optional(), currency: id.optional() }),
  row: z.object({
    dealerId: z.string(),
    currency: z.string(),
    notDue: z.string(),
    days1to30: z.string(),
    days31to60: z.string(),
    days61to90: z.string(),
    over90: z.string(),
    open: z.string(),
    overdue: z.string(),
    oldestDueOn: z.string().nullable(),
    unappliedPayments: z.string(),
    unappliedCreditNotes: z.string(),
  }),
  order: [
    ['dealerId', 'asc'],
    ['currency', 'asc'],
  ],
  sql: (params, from, bind) => {
    const sum = (condition: string): string =>
      plainDecimal(`coalesce(sum(d.open) filter (where d.kind = 'invoice' and ${condition}), 0)`)
    const open = (kind: string): string => plainDecimal(`coalesce(sum(d.open) filter (where d.kind = '${kind}'), 0)`)
    return `select d.dealer_id as "dealerId", d.currency, ${Object.entries(buckets30)
      .map(([name, condition]) => `${sum(condition)} as "${name}"`)
      .join(', ')}, ${open('invoice')} as "open", ${sum('d.days > 0')} as overdue,
        min(d.due_on) filter (where d.kind = 'invoice')::text as "oldestDueOn", ${open('payment')} as "unappliedPayments", ${open('creditNote')} as "unappliedCreditNotes"
      from (select d.*, ${daysOverdue(from)} as days from ${from('documents')} d ${where(...ofDocuments(params, bind), 'd.open <> 0')}) d group by d.dealer_id, d.currency`
  },
})

const balances = defineQuery({
  ...base,
  name: 'receivables.balances',
  summary: 'What dealers owe each legal entity, per currency; minor units, negative when they are owed',
  path: '/v1/receivables/balances',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), companyId: id.optional(), currency: id.optional() }),
  row: z.object({ dealerId: z.string(), companyId: z.string(), currency: z.string(), balance: z.string() }),
  order: [
    ['dealerId', 'asc'],
    ['companyId', 'asc'],
    ['currency', 'asc'],
  ],
  sql: ({ dealerId, companyId, currency }, from) =>
    `select dealer_id as "dealerId", company_id as "companyId", currency, ${plainDecimal('amount')} as balance
     from ${from('balances', { dealer_id: dealerId, company_id: companyId, currency })} b`,
})

/** Per legal entity and currency: what was owed before the range, each document in it with the balance after it, and the end. */
const statement = defineQuery({
  ...base,
  name: 'receivables.statement',
  summary:
    'Statement of account of a dealer: opening balance, documents, closing balance; minor units, days in each document’s own zone',
  path: '/v1/receivables/statement/:dealerId',
  kind: 'list',
  params: z.object({
    dealerId: id,
    companyId: id.optional(),
    currency: id.optional(),
    from: calendarDate,
    to: calendarDate,
  }),
  row: z.object({
    companyId: z.string(),
    currency: z.string(),
    line: z.int(),
    kind: z.enum(['opening', 'entry', 'closing']),
    day: z.string(),
    occurredAt: z.string().nullable(),
    position: z.string().nullable(),
    eventId: z.string().nullable(),
    eventType: z.string().nullable(),
    documentId: z.string().nullable(),
    dueOn: z.string().nullable(),
    /** what it adds to the debt */
    amount: z.string().nullable(),
    /** owed after it */
    balance: z.string(),
  }),
  order: [
    ['companyId', 'asc'],
    ['currency', 'asc'],
    ['line', 'asc'],
  ],
  sql: (params, from, bind) => {
    const { dealerId, companyId, currency } = params
    const [first, last] = [`${bind(params.from)}::date`, `${bind(params.to)}::date`]
    const bound = (kind: 'opening' | 'closing', line: string, day: string, sum: string): string =>
      `select company_id, currency, ${line}, '${kind}', ${day}::text, null, null, null, null, null, null, null, ${plainDecimal(`coalesce(${sum}, 0)`)} from lines l group by company_id, currency`
    const within = `filter (where l.day >= ${first})`
    return `with lines as (
        select f.*, sum(amount) over (partition by company_id, currency order by day, at, position, seq) as balance
        from ${from.facts('balances', { dealer_id: dealerId, company_id: companyId, currency })} f where f.day <= ${last})
      select company_id as "companyId", currency, row_number() over (partition by company_id, currency order by l.day, at, position, seq)::integer as line, 'entry' as kind,
        day::text as day, ${isoTime('at')} as "occurredAt", position, event_id as "eventId", event_type as "eventType", document_id as "documentId",
        due_on::text as "dueOn", ${plainDecimal('amount')} as amount, ${plainDecimal('balance')} as balance
      from lines l where l.day >= ${first}
      union all ${bound('opening', '0', first, `sum(amount) filter (where l.day < ${first})`)}
      union all ${bound('closing', `(count(*) ${within})::integer + 1`, last, 'sum(amount)')}`
  },
})

const breaches = defineQuery({
  ...base,
  audience: 'staff',
  name: 'accounts.breaches',
  summary: 'Recorded facts of credit and receivables that broke a rule',
  path: '/v1/account-breaches',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), accountId: id.optional() }),
  row: z.object({
    accountId: z.string(),
    dealerId: z.string(),
    eventId: z.string(),
    eventType: z.string(),
    breachedAt: z.string(),
    breaches: breachList,
  }),
  order: [
    ['breachedAt', 'asc'],
    ['eventId', 'asc'],
  ],
  sql: (params, from, bind) =>
    `select account_id as "accountId", dealer_id as "dealerId", breached_by as "eventId", event_type as "eventType", ${isoTime('breached_at')} as "breachedAt", breaches
     from ${from('breaches', { account_id: params.accountId })} b ${where(is('dealer_id', params.dealerId, bind))}`,
})

export const accountsQueries = [
  exposure,
  exposureHistory,
  limits,
  holds,
  creditOrders,
  overrides,
  invoices,
  oneInvoice,
  payments,
  creditNotes,
  allocations,
  ageing,
  balances,
  statement,
  breaches,
] as const
