import { z } from 'zod'
import { breaches } from '../../../domain/kernel/breach.ts'
import { calendarDate } from '../../../domain/kernel/fields.ts'
import { defineQuery } from '../../engine/query.ts'
import { listFits } from '../price-book/listScope.ts'
import { isoTime, plainDecimal, where } from '../sqlText.ts'
import { priceChangesModel } from './model.ts'

const id = z.string().min(1).max(64)

const list = defineQuery({
  model: priceChangesModel,
  owner: 'dealerId',
  audience: 'everyone',
  name: 'priceChanges.list',
  summary:
    'Changes of list prices, newest first: old and new price, who, when and why; for a dealer those of its lists',
  path: '/v1/price-changes',
  kind: 'list',
  params: z.object({
    dealerId: id.optional(),
    listId: id.optional(),
    sku: id.optional(),
    currency: id.optional(),
    retroactive: z.enum(['true', 'false']).optional(),
    breached: z.enum(['true', 'false']).optional(),
    /** decided on or after, UTC */
    from: calendarDate.optional(),
    /** decided before the end of this day, UTC */
    to: calendarDate.optional(),
  }),
  row: z.object({
    decidedAt: z.string(),
    position: z.string(),
    eventId: z.string(),
    kind: z.enum(['changed', 'ended']),
    companyId: z.string(),
    listId: z.string(),
    sku: z.string(),
    unit: z.string(),
    currency: z.string(),
    oldPrice: z.string().nullable(),
    newPrice: z.string().nullable(),
    /** new − old */
    difference: z.string().nullable(),
    effectiveAt: z.string(),
    decidedBy: z.string(),
    reason: z.string(),
    retroactive: z.boolean(),
    overridden: z.boolean(),
    breaches,
  }),
  order: [
    ['decidedAt', 'desc'],
    ['position', 'desc'],
  ],
  sql: ({ dealerId, listId, sku, currency, retroactive, breached, from: first, to }, from, bind) =>
    `select ${isoTime('c.decided_at')} as "decidedAt", c.entry as "position", c.change_id as "eventId", c.kind as "kind", c.company_id as "companyId",
       c.list_id as "listId", c.sku as "sku", c.unit as "unit", c.currency as "currency", ${plainDecimal('c.old_price')} as "oldPrice", ${plainDecimal('c.new_price')} as "newPrice",
       ${plainDecimal('(c.new_price - c.old_price)')} as "difference", ${isoTime('c.effective_at')} as "effectiveAt", c.decided_by as "decidedBy", c.reason as "reason",
       c.retroactive as "retroactive", c.overridden as "overridden", c.breaches as "breaches"
     from ${from('changes')} c ${where(
       dealerId !== undefined &&
         `exists (select from ${from('lists')} l join ${from('dealers', { dealer_id: dealerId })} d on ${listFits('l', 'd')}
            where l.company_id = c.company_id and l.list_id = c.list_id)`,
       listId !== undefined && `c.list_id = ${bind(listId)}`,
       sku !== undefined && `c.sku = ${bind(sku)}`,
       currency !== undefined && `c.currency = ${bind(currency)}`,
       retroactive !== undefined && `c.retroactive = ${bind(retroactive)}::boolean`,
       breached !== undefined && `(c.breaches <> '[]') = ${bind(breached)}::boolean`,
       first !== undefined && `c.decided_at >= ${bind(first)}::timestamp at time zone 'UTC'`,
       to !== undefined && `c.decided_at < (${bind(to)}::timestamp + interval '1 day') at time zone 'UTC'`,
     )}`,
})

export const priceChangesQueries = [list] as const
