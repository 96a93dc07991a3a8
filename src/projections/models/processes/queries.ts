import { z } from 'zod'
import { cause, fulfilmentEvents, fulfilmentOutcome } from '../../../domain/fulfilment/events.ts'
import { sealedText } from '../../../domain/kernel/fields.ts'
import { backorderPolicy } from '../../../domain/orders/events.ts'
import { transferDispatched } from '../../../domain/stock/transferEvents.ts'
import type { Source } from '../../engine/ask.ts'
import { defineQuery } from '../../engine/query.ts'
import { isoTime, plainDecimal, where, wholeNumber } from '../sqlText.ts'
import { processesModel, transferMeasures } from './model.ts'

const id = z.string().min(1).max(64)
const flag = z.enum(['true', 'false'])
const base = { model: processesModel, owner: 'dealerId', audience: 'everyone' } as const

const phase = z.enum(['credit', 'stock', 'confirm', 'allocate', 'compensate', 'retry', 'done'])
/** without progress for so long a process counts as stalled, unless the question says otherwise */
const stalledSeconds = 300

/**
 * The phase of `evolveFulfilment`. An attempt of an order that is confirmed has its credit already; stock is over when
 * every stream has answered; a change that came in meanwhile is looked at next.
 */
function phaseSql(f: string, answers: string): string {
  const answered = `(select count(*) from ${answers} a where a.order_id = ${f}.order_id and a.attempt = ${f}.attempt and a.is_answered)`
  return `case
    when ${f}.stage = 'begun' and not (coalesce(${f}.has_credit, false) and coalesce(${f}.has_confirmed, false)) then 'credit'
    when ${f}.stage in ('begun', 'stock') then case when not ${f}.affects_stock or ${answered} >= ${f}.skus then 'confirm' else 'stock' end
    when ${f}.stage = 'done' and ${f}.next_cause <> '' and not ${f}.answers_request then 'retry'
    else ${f}.stage end`
}

const fulfilment = z.object({
  orderId: z.string(),
  dealerId: z.string(),
  phase,
  attempt: z.int(),
  cause,
  /** another attempt follows this one */
  nextCause: cause.nullable(),
  outcome: fulfilmentOutcome.nullable(),
  /** why it is, or was, undone */
  reason: z.string().nullable(),
  /** the newest step, and why it was refused */
  step: z.string().nullable(),
  code: z.string().nullable(),
  currency: z.string(),
  amount: z.string(),
  policy: backorderPolicy,
  affectsStock: z.boolean(),
  deadline: z.string(),
  reservedUntil: z.string(),
  startedAt: z.string().nullable(),
  progressedAt: z.string(),
  lastEvent: z.enum(fulfilmentEvents.map(({ type }) => type)),
  idleSeconds: z.int(),
  /** not over and its deadline has passed */
  late: z.boolean(),
  /** not over and without progress */
  stalled: z.boolean(),
})
const idle = (from: Source): string => `floor(extract(epoch from ${from.at()} - f.progressed_at))::integer`
const fulfilmentsSql = (from: Source, orderId: string | undefined, stalledAfter: string): string =>
  `select order_id as "orderId", dealer_id as "dealerId", phase, ${wholeNumber('attempt')} as attempt, cause, nullif(next_cause, '') as "nextCause", nullif(outcome, '') as outcome,
     nullif(reason, '') as reason, nullif(step, '') as step, nullif(code, '') as code, currency, ${plainDecimal('amount')} as amount, policy,
     affects_stock as "affectsStock", ${isoTime('deadline')} as deadline, ${isoTime('reserved_until')} as "reservedUntil", ${isoTime('started_at')} as "startedAt",
     ${isoTime('progressed_at')} as "progressedAt", event_type as "lastEvent", idle as "idleSeconds",
     phase <> 'done' and deadline < ${from.at()} as late, phase <> 'done' and idle >= ${stalledAfter} as stalled
   from (select f.*, ${phaseSql('f', from('answers', { order_id: orderId }))} as phase, ${idle(from)} as idle
     from ${from('fulfilments', { order_id: orderId })} f where f.stage is not null and f.dealer_id is not null) f`

const list = defineQuery({
  ...base,
  name: 'fulfilments.list',
  summary:
    'Where the fulfilment of orders stands: phase, attempt, deadline, last progress; late and stalled ones on request',
  path: '/v1/fulfilments',
  kind: 'list',
  params: z.object({
    dealerId: id.optional(),
    phase: phase.optional(),
    outcome: fulfilmentOutcome.optional(),
    late: flag.optional(),
    stalled: flag.optional(),
    /** seconds without progress after which a process is stalled; 300 */
    stalledAfter: z
      .string()
      .regex(/^\d{1,9}$/)
      .optional(),
  }),
  row: fulfilment,
  order: [
    ['progressedAt', 'desc'],
    ['orderId', 'asc'],
  ],
  sql: (params, from, bind) =>
    `select * from (${fulfilmentsSql(from, undefined, `${bind(params.stalledAfter ?? stalledSeconds.toString())}::integer`)}) f ${where(
      params.dealerId !== undefined && `"dealerId" = ${bind(params.dealerId)}`,
      params.phase !== undefined && `phase = ${bind(params.phase)}`,
      params.outcome !== undefined && `outcome = ${bind(params.outcome)}`,
      params.late !== undefined && `late = ${bind(params.late === 'true')}`,
      params.stalled !== undefined && `stalled = ${bind(params.stalled === 'true')}`,
    )}`,
})

const one = defineQuery({
  ...base,
  name: 'fulfilments.one',
  summary: 'The fulfilment of one order',
  path: '/v1/fulfilments/:orderId',
  kind: 'one',
  params: z.object({ dealerId: id.optional(), orderId: id }),
  row: fulfilment,
  sql: ({ dealerId, orderId }, from, bind) =>
    `select * from (${fulfilmentsSql(from, orderId, stalledSeconds.toString())}) f ${where(dealerId !== undefined && `"dealerId" = ${bind(dealerId)}`)}`,
})

const quantities = z.array(z.object({ lineNo: z.int(), quantity: z.string() }))
const stockAnswers = defineQuery({
  ...base,
  name: 'fulfilments.stock',
  summary: 'What the stock of each product answered to the attempts of an order',
  path: '/v1/fulfilments/:orderId/stock',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), orderId: id }),
  row: z.object({
    attempt: z.int(),
    sku: z.string(),
    party: z.string(),
    location: z.string(),
    reserved: quantities,
    short: quantities,
    allocated: quantities,
    code: z.string().nullable(),
  }),
  order: [
    ['attempt', 'asc'],
    ['sku', 'asc'],
  ],
  sql: ({ dealerId, orderId }, from, bind) =>
    `select ${wholeNumber('a.attempt')} as attempt, a.sku, a.party, a.location, ${['reserved', 'short', 'allocated'].map((column) => `coalesce(a.${column}, '[]') as ${column}`).join(', ')}, a.code
     from ${from('answers', { order_id: orderId })} a ${where(
       dealerId !== undefined &&
         `exists (select from ${from('fulfilments', { order_id: orderId })} f where f.dealer_id = ${bind(dealerId)})`,
     )}`,
})

const history = defineQuery({
  ...base,
  name: 'fulfilments.history',
  summary: 'The steps of the fulfilment of an order, each with its event',
  path: '/v1/fulfilments/:orderId/history',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), orderId: id }),
  row: z.object({
    position: z.string(),
    eventId: z.string(),
    eventType: z.enum(fulfilmentEvents.map(({ type }) => type)),
    happenedAt: z.string(),
    attempt: z.int(),
    step: z.string().nullable(),
    code: z.string().nullable(),
    reason: z.string().nullable(),
    outcome: z.string().nullable(),
  }),
  order: [['position', 'asc']],
  sql: ({ dealerId, orderId }, from, bind) =>
    `select h.position, h.event_id as "eventId", h.event_type as "eventType", ${isoTime('h.progressed_at')} as "happenedAt", ${wholeNumber('h.attempt')} as attempt, nullif(h.step, '') as step,
       nullif(h.code, '') as code, nullif(h.reason, '') as reason, nullif(h.outcome, '') as outcome
     from ${from.facts('fulfilments', { order_id: orderId })} h ${where(
       dealerId !== undefined &&
         `exists (select from ${from('fulfilments', { order_id: orderId })} f where f.dealer_id = ${bind(dealerId)})`,
     )}`,
})

const counts = defineQuery({
  ...base,
  name: 'fulfilments.counts',
  summary: 'How many orders stand in each phase of their fulfilment, and how many of them are late or stalled',
  path: '/v1/fulfilment-counts',
  kind: 'list',
  params: z.object({ dealerId: id.optional() }),
  row: z.object({ phase, orders: z.int(), late: z.int(), stalled: z.int() }),
  order: [['phase', 'asc']],
  sql: ({ dealerId }, from, bind) =>
    `select phase, count(*)::integer as orders, (count(*) filter (where late))::integer as late, (count(*) filter (where stalled))::integer as stalled
     from (${fulfilmentsSql(from, undefined, stalledSeconds.toString())}) f ${where(dealerId !== undefined && `"dealerId" = ${bind(dealerId)}`)} group by 1`,
})

const transferStatus = z.enum(['requested', 'in-transit', 'completed', 'cancelled'])
const transfer = {
  transferId: z.string(),
  companyId: z.string(),
  fromParty: z.string(),
  fromLocation: z.string(),
  toParty: z.string(),
  toLocation: z.string(),
  status: transferStatus,
  reason: z.string(),
  note: sealedText.nullable(),
  expectedOn: z.string().nullable(),
  requestedAt: z.string(),
  dispatchedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  progressedAt: z.string(),
}
/** Both its parties see a transfer. */
const ofParty = (dealer: string): string => `(t.from_party = ${dealer} or t.to_party = ${dealer})`

const transfers = defineQuery({
  ...base,
  name: 'transfers.list',
  summary: 'Transfers between places; those of a dealer leave it or come to it',
  path: '/v1/transfers',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), transferId: id.optional(), status: transferStatus.optional() }),
  row: z.object(transfer),
  order: [
    ['requestedAt', 'desc'],
    ['transferId', 'asc'],
  ],
  sql: ({ dealerId, transferId, status }, from, bind) =>
    `select t.transfer_id as "transferId", t.company_id as "companyId", t.from_party as "fromParty", t.from_location as "fromLocation", t.to_party as "toParty",
       t.to_location as "toLocation", t.status, t.reason, t.note, t.expected_on::text as "expectedOn", ${isoTime('t.requested_at')} as "requestedAt",
       ${isoTime('t.dispatched_at')} as "dispatchedAt", ${isoTime('t.ended_at')} as "endedAt", ${isoTime('t.progressed_at')} as "progressedAt"
     from ${from('transfers', { transfer_id: transferId })} t ${where(
       't.requested_at is not null',
       dealerId !== undefined && ofParty(bind(dealerId)),
       status !== undefined && `t.status = ${bind(status)}`,
     )}`,
})

const transferLines = defineQuery({
  ...base,
  name: 'transfers.lines',
  summary: 'The lines of a transfer: requested, dispatched, received, lost, and still on the way',
  path: '/v1/transfers/:transferId/lines',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), transferId: id }),
  row: z.object({
    lineNo: z.int(),
    sku: z.string(),
    requested: z.string(),
    dispatched: z.string(),
    received: z.string(),
    lost: z.string(),
    onTheWay: z.string(),
    lots: transferDispatched.schema.shape.lines.element.shape.lots.nullable(),
  }),
  order: [['lineNo', 'asc']],
  sql: ({ dealerId, transferId }, from, bind) =>
    `select l.line_no as "lineNo", l.sku, ${transferMeasures.map((measure) => `${plainDecimal(`l.${measure}`)} as ${measure}`).join(', ')},
       ${plainDecimal('l.dispatched - l.received - l.lost')} as "onTheWay", l.lots
     from ${from('transfer_lines', { transfer_id: transferId })} l ${where(
       dealerId !== undefined &&
         `exists (select from ${from('transfers', { transfer_id: transferId })} t where ${ofParty(bind(dealerId))})`,
     )}`,
})

export const processesQueries = [list, one, stockAnswers, history, counts, transfers, transferLines] as const
