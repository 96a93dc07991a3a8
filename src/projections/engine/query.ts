import { z } from 'zod'
import type { Moment, Reader, Source } from './ask.ts'
import type { ReadModel } from './factTable.ts'
import type { Bind } from './foldQuery.ts'

/** `administration`: administrators and auditors; of a dealer's staff those who manage it (right `staff`) */
export type Audience = 'everyone' | 'staff' | 'finance' | 'administration'

/**
 * A question that people and machines may ask of a read model. The API mounts it, the OpenAPI document describes it, and the
 * tests go through it: one definition each.
 */
export interface Query<Params extends z.ZodObject = z.ZodObject, Row extends z.ZodObject = z.ZodObject> {
  /** `orders.list`, `orders.one`: also the operation id */
  readonly name: string
  readonly summary: string
  readonly path: string
  readonly model: ReadModel
  /** `list` answers pages, `one` a single row or not found */
  readonly kind: 'list' | 'one'
  /** path and query parameters; all strings on the wire, checked here */
  readonly params: Params
  /** columns of the SQL by their quoted camelCase names; decimals, amounts and positions are strings */
  readonly row: Row
  /** lists only: a total order over the rows, all columns named in `row` and never null */
  readonly order?: readonly (readonly [column: string, direction: 'asc' | 'desc'])[]
  /**
   * `dealerId`: rows belong to dealers; the query has a parameter of this name, and a dealer's own staff get it set to their dealer.
   * `shared`: nothing in it belongs to a dealer.
   */
  readonly owner: 'dealerId' | 'shared'
  readonly audience: Audience
  /** narrower than `audience`, where what is asked for says so */
  audienceOf?(params: z.infer<Params>): Audience
  /** A parameter that nobody chooses: the dealer whose staff ask, empty for everybody else. */
  readonly viewer?: string
  /** why parameters that fit their schema make no question, such as a range without a bound; undefined when they do */
  objection?(params: z.infer<Params>): { readonly parameter: string; readonly message: string } | undefined
  sql(params: z.infer<Params>, from: Source, bind: Bind): string
}

export function defineQuery<Params extends z.ZodObject, Row extends z.ZodObject>(
  query: Query<Params, Row>,
): Query<Params, Row> {
  if (query.kind === 'list' && !query.order?.length) throw new Error(`${query.name} is a list without an order`)
  if (query.owner === 'dealerId' && !('dealerId' in query.params.shape))
    throw new Error(`${query.name} has no parameter dealerId`)
  return query
}

export interface PageRequest {
  /** 1 to 500 */
  readonly limit: number
  /** opaque, from the page before */
  readonly cursor?: string
}

export interface PageAnswer<Row> {
  readonly rows: readonly Row[]
  readonly next: string | undefined
  readonly model: { readonly name: string; readonly version: number }
  readonly asOf: number | undefined
  readonly knownAt: bigint
}

export class InvalidCursor extends Error {
  override readonly name = 'InvalidCursor'
}

const cursorContent = z.strictObject({
  query: z.string(),
  /** fingerprint of the parameters: a cursor is good for its own question only */
  params: z.string(),
  after: z.array(z.union([z.string(), z.number(), z.boolean()])).max(8),
  asOf: z.number().optional(),
  knownAt: z.string().regex(/^\d{1,19}$/),
})

/**
 * One page. The first page fixes the moment (asOf, knownAt); the cursor carries it on, so that all pages are of one snapshot
 * of knowledge, whatever is written in between.
 */
export async function askPage<Params extends z.ZodObject, Row extends z.ZodObject>(
  reader: Reader,
  query: Query<Params, Row>,
  params: z.infer<Params>,
  moment: Moment,
  page: PageRequest,
): Promise<PageAnswer<z.infer<Row>>> {
  const order = query.order ?? []
  const fingerprint = JSON.stringify(params)
  const cursor = page.cursor === undefined ? undefined : readCursor(page.cursor, query.name, fingerprint)
  if (cursor && cursor.after.length !== order.length) throw new InvalidCursor('the cursor is of another order')
  const at: Moment = cursor
    ? { knownAt: BigInt(cursor.knownAt), ...(cursor.asOf !== undefined && { asOf: cursor.asOf }) }
    : moment
  const answer = await reader.ask<z.infer<Row> & Record<string, unknown>>(at, (from, bind) => {
    const inner = query.sql(params, from, bind)
    const where = cursor ? `where ${afterCursor(order, cursor.after, bind)}` : ''
    return `select * from (${inner}) page ${where} order by ${order.map(([column, direction]) => `"${column}" ${direction}`).join(', ')} limit ${bind(page.limit + 1)}`
  })
  const rows = answer.rows.slice(0, page.limit)
  const last = answer.rows.length > page.limit ? rows.at(-1) : undefined
  const next = last && {
    query: query.name,
    params: fingerprint,
    after: order.map(([column]) => last[column]),
    ...(answer.asOf !== undefined && { asOf: answer.asOf }),
    knownAt: answer.knownAt.toString(),
  }
  return { ...answer, rows, next: next && Buffer.from(JSON.stringify(next)).toString('base64url') }
}

/** One row, or undefined. */
export async function askOne<Params extends z.ZodObject, Row extends z.ZodObject>(
  reader: Reader,
  query: Query<Params, Row>,
  params: z.infer<Params>,
  moment: Moment,
): Promise<Omit<PageAnswer<z.infer<Row>>, 'rows' | 'next'> & { readonly row: z.infer<Row> | undefined }> {
  const { rows, ...answer } = await reader.ask<z.infer<Row>>(
    moment,
    (from, bind) => `${query.sql(params, from, bind)} limit 1`,
  )
  return { ...answer, row: rows[0] }
}

function readCursor(text: string, name: string, params: string): z.infer<typeof cursorContent> {
  let content: unknown
  try {
    content = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch {
    throw new InvalidCursor('not a cursor')
  }
  const cursor = cursorContent.safeParse(content)
  if (!cursor.success || cursor.data.query !== name || cursor.data.params !== params)
    throw new InvalidCursor('the cursor is of another question')
  return cursor.data
}

/** `(a, b) after (x, y)` for any mix of directions: `a > x or (a = x and b < y)`. */
function afterCursor(order: NonNullable<Query['order']>, after: readonly unknown[], bind: Bind): string {
  const values = after.map((value) => bind(value))
  const branches = order.map(([column, direction], index) => {
    const equal = order.slice(0, index).map(([earlier], i) => `"${earlier}" = ${values[i] ?? ''}`)
    return `(${[...equal, `"${column}" ${direction === 'asc' ? '>' : '<'} ${values[index] ?? ''}`].join(' and ')})`
  })
  return `(${branches.join(' or ')})`
}
