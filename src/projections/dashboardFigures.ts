import type { Reader, Source } from './engine/ask.ts'
import type { ReadModel } from './engine/factTable.ts'
import type { Bind } from './engine/foldQuery.ts'
import { accountsModel } from './models/accounts/model.ts'
import { alertsModel } from './models/alerts/model.ts'
import { inventoryModel } from './models/inventory/model.ts'
import { ordersModel } from './models/orders/model.ts'
import { plainDecimal, where } from './models/sqlText.ts'

/** Of what a dashboard shows figures: a dealer's own, or the whole channel's. */
export interface FigureScope {
  readonly dealerId?: string
  /** the day, as instants in ms since 1970 */
  readonly from: number
  readonly until: number
}

export interface FigureAnswer {
  readonly figure: string
  /** one, or one per currency or kind: currencies are never added */
  readonly values: readonly { readonly of: string | null; readonly value: string }[]
  /** what it rests on */
  readonly model: string
  readonly position: string
}

interface Figure {
  readonly name: string
  readonly model: ReadModel
  /** rows of `of` and `value` */
  sql(scope: FigureScope, from: Source, bind: Bind): string
}

const day = ({ from, until }: FigureScope, column: string, bind: Bind): string =>
  `${column} >= ${instant(from, bind)} and ${column} < ${instant(until, bind)}`
const instant = (at: number, bind: Bind): string => `${bind(new Date(at).toISOString())}::timestamptz`
const isOf = ({ dealerId }: FigureScope, column: string, bind: Bind): string | false =>
  dealerId !== undefined && `${column} = ${bind(dealerId)}`

const openDocuments = (scope: FigureScope, from: Source, bind: Bind, isOverdue: boolean): string =>
  `select d.currency as of, ${plainDecimal('sum(d.open)')} as value from ${from('documents', { kind: 'invoice' })} d ${where(
    'd.dated_at is not null and d.open > 0 and d.is_void is not true',
    isOverdue && `d.due_at <= ${from.at()}`,
    isOf(scope, 'd.dealer_id', bind),
  )} group by 1 order by 1`

/** What a dashboard shows at a glance; each is counted from the rows that the same question in full would list. */
const figures: readonly Figure[] = [
  {
    name: 'orders_today',
    model: ordersModel,
    sql: (scope, from, bind) =>
      `select null as of, count(*)::text as value from ${from('orders')} o ${where(
        `o.dealer_id is not null and o.phase = 'placed' and ${day(scope, 'o.ordered_at', bind)}`,
        isOf(scope, 'o.dealer_id', bind),
      )}`,
  },
  {
    // placed, and something of it neither cancelled nor shipped
    name: 'open_orders',
    model: ordersModel,
    sql: (scope, from, bind) =>
      `select null as of, count(*)::text as value from ${from('orders')} o ${where(
        `o.dealer_id is not null and o.phase = 'placed' and o.is_closed is not true and o.ordered - o.cancelled - o.shipped > 0`,
        isOf(scope, 'o.dealer_id', bind),
      )}`,
  },
  {
    name: 'shipped_today',
    model: ordersModel,
    sql: (scope, from, bind) =>
      `select null as of, count(*)::text as value from ${from('shipments')} s join ${from('orders')} o on o.order_id = s.order_id ${where(
        day(scope, 's.dispatched_at', bind),
        isOf(scope, 'o.dealer_id', bind),
      )}`,
  },
  {
    name: 'receivable_open',
    model: accountsModel,
    sql: (scope, from, bind) => openDocuments(scope, from, bind, false),
  },
  {
    name: 'receivable_overdue',
    model: accountsModel,
    sql: (scope, from, bind) => openDocuments(scope, from, bind, true),
  },
  {
    name: 'low_stock',
    model: inventoryModel,
    sql: (scope, from, bind) =>
      `select null as of, count(*)::text as value from ${from('policies')} p ${where(
        `p.alert in ('low', 'out')`,
        isOf(scope, 'p.party', bind),
      )}`,
  },
  {
    name: 'open_alerts',
    model: alertsModel,
    sql: (scope, from, bind) =>
      `select a.kind as of, count(*)::text as value from ${from('alerts')} a left join ${from('owners')} o on o.order_id = a.order_id ${where(
        'a.is_open and a.raised_position is not null',
        isOf(scope, 'coalesce(a.dealer_id, o.dealer_id)', bind),
      )} group by 1 order by 1`,
  },
]

/** Of one scope, one question after the other: a dashboard takes one connection. */
export async function dashboardFigures(
  readerOf: (model: ReadModel) => Reader,
  scope: FigureScope,
): Promise<readonly FigureAnswer[]> {
  const answers: FigureAnswer[] = []
  for (const { name, model, sql } of figures) {
    const { rows, knownAt } = await readerOf(model).ask<FigureAnswer['values'][number]>({}, (from, bind) =>
      sql(scope, from, bind),
    )
    answers.push({ figure: name, values: rows, model: model.name, position: knownAt.toString() })
  }
  return answers
}
