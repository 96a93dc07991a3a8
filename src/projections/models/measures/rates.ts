import { type Exact, exactOf } from '../../../domain/metrics/evaluate.ts'
import type { Moment, Reader } from '../../engine/ask.ts'
import { isoTime } from '../sqlText.ts'

/** No published rate turns one currency into the other at that day. */
export class RateMissing extends Error {
  override readonly name = 'RateMissing'
  readonly details: { readonly base: string; readonly quote: string; readonly day: string }
  constructor(base: string, quote: string, day: string) {
    super(`no rate from ${base} to ${quote} before ${day}`)
    this.details = { base, quote, day }
  }
}

interface PublishedRate {
  readonly base: string
  readonly quote: string
  readonly rate: string
  readonly effectiveAt: string
}

export interface Rates {
  /** of the answer; undefined where each currency keeps its own */
  readonly currency: string | undefined
  /** in force just before a day; throws `RateMissing` */
  rate(from: string, day: string): Exact
  /** those that were used so far */
  readonly used: readonly PublishedRate[]
}

/** Published rates into a reporting currency, as known at the moment. Either direction of a pair will do. */
export async function openRates(
  reader: Reader,
  reporting: { readonly currency: string; readonly rateKind: string } | undefined,
  moment: Moment,
): Promise<Rates> {
  const used: PublishedRate[] = []
  const none = { currency: undefined, used, rate: () => ({ over: 1n, under: 1n }) }
  if (!reporting) return none
  const { currency, rateKind } = reporting
  const { rows } = await reader.ask<PublishedRate & { readonly day: string }>(
    moment,
    (from, bind) => `select f.base, f.quote, f.rate::text as rate, ${isoTime('f.effective_at')} as "effectiveAt",
        to_char(f.effective_at at time zone 'UTC', 'YYYY-MM-DD') as day
      from ${from.facts('rates')} f where f.kind = ${bind(rateKind)} and ${bind(currency)} in (f.base, f.quote)
      order by f.at, f.position, f.seq`,
  )
  const remembered = new Map<string, Exact>()
  return {
    currency,
    used,
    rate(base, day) {
      if (base === currency || base === '') return { over: 1n, under: 1n }
      const name = `${base} ${day}`
      const known = remembered.get(name)
      if (known) return known
      const found = rows.findLast((row) => (row.base === base || row.quote === base) && row.day < day)
      if (!found) throw new RateMissing(base, currency, day)
      const rate = exactOf(found.rate)
      const exact = found.base === base ? rate : { over: rate.under, under: rate.over }
      remembered.set(name, exact)
      const { base: from, quote, rate: text, effectiveAt } = found
      if (!used.some((one) => one.base === from && one.quote === quote && one.effectiveAt === effectiveAt))
        used.push({ base: from, quote, rate: text, effectiveAt })
      return exact
    },
  }
}
