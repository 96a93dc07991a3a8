import type { Instant } from '../../../domain/kernel/businessTime.ts'
import type { BasisFact } from '../../../domain/rebates/basisFact.ts'
import type { Basis } from '../../../domain/rebates/terms.ts'
import type { Reader } from '../../engine/ask.ts'
import { plainDecimal } from '../sqlText.ts'
import { waitForPosition } from '../../engine/waitForPosition.ts'
import { rebatesModel } from './model.ts'
import { categoriesSql, volumeSql } from './volumeSql.ts'

interface DealerCurrency {
  readonly dealerId: string
  readonly currency: string
}

/** Facts whose sale lies in [from, until), recorded at or before a position of the log. */
interface FactsQuery {
  readonly companyId: string
  readonly basis: Basis
  readonly from: Instant
  readonly until: Instant
  readonly upTo: bigint
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
} {
  async function ask<Row extends object>(
    { companyId, basis, from, until, upTo }: FactsQuery,
    of: readonly DealerCurrency[] | undefined,
    select: (volume: string, from: Parameters<Parameters<Reader['ask']>[1]>[0]) => string,
  ): Promise<readonly Row[]> {
    await waitForPosition(reader, rebatesModel.name, upTo, waitMs)
    const moment = { asOf: endOfTime, knownAt: upTo }
    const { rows } = await reader.ask<Row>(moment, (source, bind) => {
      const [first, end] = [from, until].map((instant) => `${bind(new Date(instant).toISOString())}::timestamptz`)
      const owners =
        of &&
        `unnest(${bind(of.map(({ dealerId }) => dealerId))}::text[], ${bind(of.map(({ currency }) => currency))}::text[])`
      const volume = volumeSql(
        source,
        `v.basis = ${bind(basis)}`,
        `(v.sale_from is not null or v.sale_instant >= ${first} and v.sale_instant < ${end})`,
        owners && `(coalesce(v.dealer_id, o.dealer_id), coalesce(v.currency, o.currency)) in (select * from ${owners})`,
      )
      return `${select(volume, source)} where f.company_id = ${bind(companyId)} and f.sale_instant >= ${first} and f.sale_instant < ${end}`
    })
    return rows
  }

  return {
    async dealers(query) {
      const rows = await ask<DealerCurrency>(
        query,
        undefined,
        (volume) => `select distinct f.dealer_id as "dealerId", f.currency from ${volume} f`,
      )
      return rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    },
    async facts(query, of) {
      const rows = await ask<FactRow>(
        query,
        of,
        (
          volume,
          from,
        ) => `select f.basis, f.event_id as "eventId", f.line_no as "lineNo", f.order_id as "orderId", f.company_id as "companyId",
          f.dealer_id as "dealerId", f.currency, f.sku, ${categoriesSql(from, 'f.sku', 'f.sale_instant')} as categories, f.unit,
          ${plainDecimal('f.quantity')} as quantity, ${plainDecimal('f.net')} as net, ${plainDecimal('f.gross')} as gross, f.kind,
          f.happened_at as "occurredAt", f.position, f.sale_at as "saleAt",
          f.invoiced_at as "invoicedAt", f.due_at as "dueAt" from ${volume} f`,
      )
      return rows.map(({ orderId, categories, invoicedAt, dueAt, ...fact }) => ({
        ...fact,
        ...(invoicedAt !== null && { invoicedAt }),
        ...(dueAt !== null && { dueAt }),
        ...(orderId !== '' && { orderId }),
        ...(categories !== null && { categories }),
      }))
    },
  }
}

type FactRow = Omit<BasisFact, 'categories' | 'orderId' | 'invoicedAt' | 'dueAt'> & {
  orderId: string
  categories: readonly string[] | null
  invoicedAt: string | null
  dueAt: string | null
}

function keyOf({ dealerId, currency }: DealerCurrency): string {
  return `${dealerId} ${currency}`
}
