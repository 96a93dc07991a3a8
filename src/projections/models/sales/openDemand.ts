import type { Reader } from '../../engine/ask.ts'
import { waitForPosition } from '../../engine/waitForPosition.ts'
import { where } from '../sqlText.ts'
import { salesModel } from './model.ts'

/** What one dealer ordered of a product in a month from one place. */
export interface MonthlyDemand {
  readonly dealerId: string
  readonly sku: string
  readonly unit: string
  /** the place that it was to come from */
  readonly fromParty: string
  readonly fromLocation: string
  /** YYYY-MM, of the order's own day */
  readonly month: string
  readonly quantity: string
}

/**
 * Demand per dealer, product and month: what was ordered, net of amendments. Cancellations do not lessen it and a stock-out does
 * not hide it, because orders that cannot be served wait here and are not lost.
 */
export interface Demand {
  monthly(asked: {
    readonly companyId: string
    /** everybody's when absent */
    readonly dealers?: readonly string[] | undefined
    readonly upTo: bigint
  }): Promise<readonly MonthlyDemand[]>
}

/** The whole log's business time: which months count is the worker's choice. */
const endOfTime = Date.UTC(9999, 11, 31)

/** Demand from the read model. Answers rest on everything up to `upTo`; throws `ModelBehind` when it does not get there in time. */
export function openDemand(reader: Reader, waitMs: number): Demand {
  return {
    async monthly({ companyId, dealers, upTo }) {
      await waitForPosition(reader, salesModel.name, upTo, waitMs)
      const { rows } = await reader.ask<MonthlyDemand>(
        { asOf: endOfTime, knownAt: upTo },
        (
          from,
          bind,
        ) => `select o.dealer_id as "dealerId", l.sku, l.unit, o.from_party as "fromParty", o.from_location as "fromLocation", to_char(o.day, 'YYYY-MM') as month, trim_scale(sum(l.quantity))::text as quantity
          from ${from('ordered')} l join ${from('orders')} o on o.order_id = l.order_id
          ${where(
            'l.sku is not null',
            'l.quantity <> 0',
            `o.company_id = ${bind(companyId)}`,
            dealers !== undefined && `o.dealer_id = any(${bind(dealers)}::text[])`,
          )}
          group by 1, 2, 3, 4, 5, 6`,
      )
      return rows
    },
  }
}
