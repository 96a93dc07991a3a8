import { z } from 'zod'
import { calendarDate, sealedText } from '../../domain/kernel/fields.ts'
import type { Query } from '../engine/query.ts'

/** A list query as analysts see it: a view of the same name as its address, in the names that SQL is written in. */
export interface AnalystView {
  /** `order_lines` for `/v1/order-lines` */
  readonly name: string
  readonly query: Query
  /**
   * By what a row belongs to a dealer. `shared`: to nobody, everybody reads it; a column: the dealer stands there;
   * `each`: rows name no dealer, so the question is asked once for each, and the view has a column `dealer_id` in front.
   */
  readonly owner: 'shared' | 'each' | { readonly column: string }
  readonly columns: readonly AnalystColumn[]
}

export interface AnalystColumn {
  /** `ordered_at` */
  readonly name: string
  /** `orderedAt` of the query */
  readonly source: string
  readonly kind: 'text' | 'time' | 'date' | 'number' | 'whole' | 'flag' | 'structure'
}

/** Columns that are text on the wire and not what their name says, by `<view>.<field>`, or `*.<field>` in every view. */
const kinds: Readonly<Record<string, AnalystColumn['kind']>> = {
  '*.effectiveFrom': 'time',
  '*.effectiveUntil': 'time',
  '*.cutOff': 'time',
  '*.watermark': 'whole',
  '*.soldTo': 'date',
  '*.sellOutTo': 'date',
  'sell_out_reports.from': 'date',
  'sell_out_reports.to': 'date',
  'programme_members.since': 'time',
  'violations.from': 'time',
  'violations.to': 'time',
  'violations.explainUntil': 'time',
  'violations.score': 'number',
  'fulfilments.deadline': 'time',
  'fulfilments.reservedUntil': 'time',
  'reconciliations.from': 'time',
  'reconciliations.until': 'time',
  'exchange_rates.rate': 'number',
  'resale_price_policies.restsOn': 'text',
  'credit_exposure.limit': 'number',
  'credit_limits.amount': 'number',
  'low_stock_alerts.position': 'number',
  'low_stock_alerts.available': 'number',
  'low_stock_alerts.safetyStock': 'number',
  'low_stock_alerts.reorderPoint': 'number',
  'order_lines.drafted': 'number',
  'order_lines.unitPrice': 'number',
  'order_lines.discount': 'number',
  'promotions.minQuantity': 'number',
  'promotions.maxQuantity': 'number',
  'settlements.settledBefore': 'number',
  'settlements.clawedBackBefore': 'number',
  'settlements.awardedBefore': 'number',
  'settlements.due': 'number',
}

/** What a reader of lists may ask without naming an object, and what is for the eyes of more than one office. Personal texts are left out. */
export function analystViews(queries: readonly Query[]): readonly AnalystView[] {
  return queries.filter(isOpenList).map((query) => {
    const name = query.path.replace(/^\/v1\//, '').replaceAll(/[^a-z0-9]+/g, '_')
    const columns = Object.entries(query.row.shape).flatMap(([source, field]) => {
      const type = field as z.ZodType // the shape of a zod object
      return holdsSealed(type) ? [] : [{ name: snakeCase(source), source, kind: kindOf(name, source, type) }]
    })
    return { name, query, owner: ownerOf(query), columns }
  })
}

/** The names of a view's columns, in their order. */
export function columnNames({ owner, columns }: AnalystView): readonly string[] {
  return [...(owner === 'each' ? ['dealer_id'] : []), ...columns.map(({ name }) => name)]
}

function isOpenList(query: Query): boolean {
  if (query.kind !== 'list' || query.path.includes(':')) return false
  if (query.audience !== 'everyone' && query.audience !== 'staff') return false
  const params = query.params.safeParse({})
  return params.success && query.objection?.(params.data) === undefined
}

function ownerOf({ owner, row }: Query): AnalystView['owner'] {
  const column = ['dealerId', 'party'].find((name) => name in row.shape)
  if (column !== undefined) return { column }
  return owner === 'shared' ? 'shared' : 'each'
}

function kindOf(view: string, name: string, field: z.ZodType): AnalystColumn['kind'] {
  const type = bare(field)
  const said = kinds[`${view}.${name}`] ?? kinds[`*.${name}`]
  if (said) return said
  if ((type as unknown) === calendarDate) return 'date'
  if (type instanceof z.ZodNumber) return 'whole'
  if (type instanceof z.ZodBoolean) return 'flag'
  if (type instanceof z.ZodString) return name.endsWith('At') ? 'time' : name.endsWith('On') ? 'date' : 'text'
  return type instanceof z.ZodEnum || type instanceof z.ZodLiteral ? 'text' : 'structure'
}

function holdsSealed(field: z.ZodType): boolean {
  const type = bare(field)
  if ((type as unknown) === sealedText) return true
  if (type instanceof z.ZodObject) return Object.values(type.shape).some((one) => holdsSealed(one as z.ZodType))
  if (type instanceof z.ZodArray) return holdsSealed(type.element as z.ZodType)
  if (type instanceof z.ZodUnion) return type.options.some((option) => holdsSealed(option as z.ZodType))
  return false
}

function bare(field: z.ZodType): z.ZodType {
  return field instanceof z.ZodNullable || field instanceof z.ZodOptional ? bare(field.unwrap() as z.ZodType) : field
}

export function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
