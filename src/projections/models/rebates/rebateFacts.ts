import { instantOf, type Instant } from '../../../domain/kernel/businessTime.ts'
import type { BasisFact } from '../../../domain/rebates/basisFact.ts'
import type { FactsQuery } from '../../../domain/rebates/factsQuery.ts'
import type { StandingFact, StandingQuery } from '../../../domain/rebates/standingFacts.ts'
import { isWithoutValue } from '../../../domain/rebates/terms.ts'
import type { Reader } from '../../engine/ask.ts'
import { isoTime, plainDecimal } from '../sqlText.ts'
import { waitForPosition } from '../../engine/waitForPosition.ts'
import { rebatesModel } from './model.ts'
import { readStanding } from './standingRows.ts'
import { volumeSql } from './volumeSql.ts'

interface DealerCurrency {
  readonly dealerId: string
  readonly currency: string
}

/** The whole log's business time: what counts is chosen by the cut-off of the settlement, never by the clock of this process. */
const endOfTime = Date.UTC(9999, 11, 31)

/**
 * The volume behind rebates from the read model: the port of the settlement worker. Answers rest on everything up to
 * `upTo`, and on nothing after it; throws `ModelBehind` when the model does not get there in time.
 */
export function openRebateFacts(
  reader: Reader,
  waitMs: number,
): {
  dealers(query: FactsQuery): Promise<readonly DealerCurrency[]>
  facts(query: FactsQuery, of: readonly DealerCurrency[]): Promise<readonly BasisFact[]>
  standing(query: StandingQuery, dealerIds: readonly string[]): Promise<readonly StandingFact[]>
} {
  async function ask<Row extends object>(
    { companyId, basis, from, until, upTo, currency }: FactsQuery,
    of: readonly DealerCurrency[] | undefined,
    select: (volume: string, currency: string) => string,
  ): Promise<readonly Row[]> {
    await waitForPosition(reader, rebatesModel.name, upTo, waitMs)
    const moment = { asOf: endOfTime, knownAt: upTo }
    const { rows } = await reader.ask<Row>(moment, (source, bind) => {
      const [first, end] = [from, until].map((instant) => `${bind(new Date(instant).toISOString())}::timestamptz`)
      const inPeriod = `v.basis = ${bind(basis)} and v.sale_instant >= ${first} and v.sale_instant < ${end}`
      // what is looked up has no instant of its own
      const lookedUp = `v.basis = ${bind(basis)} and v.sale_instant is null`
      const owner = 'coalesce(v.dealer_id, o.dealer_id)'
      const own = isWithoutValue(basis) ? `${bind(currency ?? '')}::text` : undefined
      const conditions = of
        ? [
            // each of the three is a range of an index
            `(v.dealer_id = any(${bind(of.map(({ dealerId }) => dealerId))}::text[]) and ${inPeriod} or v.dealer_id is null and ${inPeriod} or ${lookedUp})`,
            `${owner} || ' ' || ${own ?? 'coalesce(v.currency, o.currency)'} = any(${bind(of.map(keyOf))}::text[])`,
          ]
        : [`(${inPeriod} or ${lookedUp})`]
      const volume = volumeSql(source, ...conditions)
      return `${select(volume, own ?? 'f.currency')} where f.company_id = ${bind(companyId)} and f.sale_instant >= ${first} and f.sale_instant < ${end}`
    })
    return rows
  }

  /** Category codes and launch dates of skus in force at a sale: few skus make many lines, so they are read beside them. */
  async function productsAt(
    knownAt: bigint,
    skus: ReadonlySet<string>,
  ): Promise<(sku: string, at: Instant) => Pick<BasisFact, 'categories' | 'launchedOn'> | undefined> {
    const { rows } = await reader.ask<{
      sku: string
      at: string
      categories: readonly string[]
      launchedOn: string | null
    }>(
      { asOf: endOfTime, knownAt },
      (from, bind) =>
        `select sku, ${isoTime('at')} as at, categories, launched_on as "launchedOn" from ${from.facts('products')} p where sku = any(${bind([...skus])}::text[]) order by at, position, seq`,
    )
    const versions = new Map<string, { at: Instant; said: Pick<BasisFact, 'categories' | 'launchedOn'> }[]>()
    for (const { sku, at, categories, launchedOn } of rows) {
      const known = versions.get(sku) ?? []
      known.push({ at: Date.parse(at), said: { categories, ...(launchedOn !== null && { launchedOn }) } })
      versions.set(sku, known)
    }
    return (sku, instant) => versions.get(sku)?.findLast(({ at }) => at <= instant)?.said
  }

  return {
    async dealers(query) {
      const rows = await ask<DealerCurrency>(
        query,
        undefined,
        (volume, currency) => `select distinct f.dealer_id as "dealerId", ${currency} as currency from ${volume} f`,
      )
      return rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    },
    async facts(query, of) {
      const rows = await ask<FactRow>(
        query,
        of,
        (
          volume,
          currency,
        ) => `select f.basis, f.event_id as "eventId", f.line_no as "lineNo", f.order_id as "orderId", f.company_id as "companyId",
          f.dealer_id as "dealerId", ${currency} as currency, f.sku, f.unit,
          ${plainDecimal('f.quantity')} as quantity, ${plainDecimal('f.net')} as net, ${plainDecimal('f.gross')} as gross, f.kind,
          f.happened_at as "occurredAt", f.position, f.sale_at as "saleAt",
          f.invoiced_at as "invoicedAt", f.due_at as "dueAt" from ${volume} f`,
      )
      // kinds of evidence are no products
      const skus = query.basis === 'evidence' ? [] : rows.map(({ sku }) => sku)
      const productOf = await productsAt(query.upTo, new Set(skus))
      return rows.map((row) => {
        const { orderId, invoicedAt, dueAt } = row
        // written out: a rest and a spread took as long as the question
        return {
          basis: row.basis,
          eventId: row.eventId,
          lineNo: row.lineNo,
          companyId: row.companyId,
          dealerId: row.dealerId,
          currency: row.currency,
          sku: row.sku,
          unit: row.unit,
          quantity: row.quantity,
          net: row.net,
          gross: row.gross,
          kind: row.kind,
          occurredAt: row.occurredAt,
          position: row.position,
          saleAt: row.saleAt,
          ...(invoicedAt !== null && { invoicedAt }),
          ...(dueAt !== null && { dueAt }),
          ...(orderId !== '' && { orderId }),
          ...productOf(row.sku, instantOf(row.saleAt)),
        }
      })
    },
    async standing(query, dealerIds) {
      await waitForPosition(reader, rebatesModel.name, query.upTo, waitMs)
      return readStanding(reader, { asOf: endOfTime, knownAt: query.upTo }, query, dealerIds)
    },
  }
}

type FactRow = Omit<BasisFact, 'categories' | 'launchedOn' | 'orderId' | 'invoicedAt' | 'dueAt'> & {
  orderId: string
  invoicedAt: string | null
  dueAt: string | null
}

function keyOf({ dealerId, currency }: DealerCurrency): string {
  return `${dealerId} ${currency}`
}
