import type { RecordedEntry } from '../../../domain/reconciliation/entryOf.ts'
import type { Reader } from '../../engine/ask.ts'
import { waitForPosition } from '../../engine/waitForPosition.ts'
import { plainDecimal } from '../sqlText.ts'
import type { StatementEntries } from './drawFigures.ts'
import { reconciliationModel } from './model.ts'

export interface ChainWithEntries {
  readonly dealerId: string
  readonly currency: string
}

/** Entries from the read model; throws `ModelBehind` when it does not reach the watermark in time. */
export function openStatementEntries(
  reader: Reader,
  waitMs: number,
): StatementEntries & {
  /** Whose account with the company has entries before an instant, by dealer and currency, after a given one. */
  chains(
    companyId: string,
    before: number,
    watermark: bigint,
    page: { readonly after: ChainWithEntries | undefined; readonly limit: number },
  ): Promise<readonly ChainWithEntries[]>
} {
  const iso = (instant: number): string => new Date(instant).toISOString()
  const ask = async <Row extends object>(
    watermark: bigint,
    question: Parameters<Reader['ask']>[1],
  ): Promise<readonly Row[]> => {
    await waitForPosition(reader, reconciliationModel.name, watermark, waitMs)
    return (await reader.ask<Row>({ knownAt: watermark }, question)).rows
  }
  return {
    async owedAt({ companyId, dealerId, currency }, before, watermark) {
      const key = { company_id: companyId, dealer_id: dealerId, currency }
      const rows = await ask<{ owed: string }>(
        watermark,
        (from, bind) =>
          `select ${plainDecimal('coalesce(sum(effect), 0)')} as owed from ${from.facts('entries', key)} e where at < ${bind(iso(before))}::timestamptz`,
      )
      return rows[0]?.owed ?? '0'
    },
    async entries({ companyId, dealerId, currency }, { from: start, until, prior, watermark }) {
      const key = { company_id: companyId, dealer_id: dealerId, currency }
      const rows = await ask<EntryRow>(watermark, (from, bind) => {
        const before = `${bind(prior.toString())}::bigint`
        return `select event_id as "eventId", happened_at as "occurredAt", position::text, withdrawn_at::text as "withdrawnAt", kind, document_id as "documentId",
            order_id as "orderId", detail, reference, due_on as "dueOn", value, ${plainDecimal('effect')} as effect
          from ${from.recorded('entries', key)} e where at < ${bind(iso(until))}::timestamptz
            and (at >= ${bind(iso(start))}::timestamptz or position > ${before} or withdrawn_at > ${before})`
      })
      return rows.map((row): RecordedEntry => {
        const { position, withdrawnAt, orderId, detail, reference, dueOn, value, ...said } = row
        return {
          companyId,
          dealerId,
          currency,
          ...said,
          position: BigInt(position),
          ...(withdrawnAt !== null && { withdrawnAt: BigInt(withdrawnAt) }),
          ...(orderId !== null && { orderId }),
          ...(detail !== null && { detail }),
          ...(reference !== null && { reference }),
          ...(dueOn !== null && { dueOn }),
          ...(value !== null && { value }),
        }
      })
    },
    async chains(companyId, before, watermark, { after, limit }) {
      return ask<ChainWithEntries>(
        watermark,
        (
          from,
          bind,
        ) => `select distinct dealer_id as "dealerId", currency from ${from.facts('entries', { company_id: companyId })} e
          where at < ${bind(iso(before))}::timestamptz and (dealer_id, currency) > (${bind(after?.dealerId ?? '')}::text, ${bind(after?.currency ?? '')}::text)
          order by dealer_id, currency limit ${bind(limit)}`,
      )
    },
  }
}

type EntryRow = Pick<RecordedEntry, 'eventId' | 'occurredAt' | 'kind' | 'documentId' | 'effect'> &
  Record<'orderId' | 'detail' | 'reference' | 'dueOn' | 'value' | 'withdrawnAt', string | null> & { position: string }
