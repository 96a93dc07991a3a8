import { minorDigits } from '../kernel/currency.ts'
import { refuse, type Refusal } from '../kernel/decider.ts'
import { divideRounded, type RoundingMode } from '../kernel/decimal.ts'
import { rateAt, type RatesState } from './rates.ts'

export interface ConversionRequest {
  /** minor units of `from` */
  readonly minor: bigint
  readonly from: string
  readonly to: string
  /** which kind of rate, such as `mid` */
  readonly kind: string
  readonly at: string
  /** default half-even: no drift over many conversions */
  readonly rounding?: RoundingMode
}

/** A converted amount shows what it was converted with (domain.md §2.13). */
export interface Converted {
  /** minor units of `to` */
  readonly minor: bigint
  readonly currency: string
  /** the published rate; of the pair the other way round when `inverse`; absent between equal currencies */
  readonly used?: {
    readonly base: string
    readonly quote: string
    readonly rate: string
    readonly inverse: boolean
    readonly effectiveAt: string
    readonly rateEventId: string
  }
}

const rateScale = 10

/**
 * Converts for display: exposure, rankings, dashboards; never a settlement. Takes the pair as published, else its
 * inverse; one rounding. A missing rate is `currency.rate_missing`, never 1.
 */
export function convert(
  request: ConversionRequest,
  ratesOf: (base: string, quote: string) => RatesState | undefined,
): Converted | Refusal {
  const { minor, from, to, kind, at, rounding = 'half-even' } = request
  if (from === to) return { minor, currency: to }
  for (const [base, quote, inverse] of [
    [from, to, false],
    [to, from, true],
  ] as const) {
    const found = rateAt(ratesOf(base, quote) ?? { rates: [] }, kind, at)
    if (!found) continue
    const rate = scaledRate(found.value.rate)
    const one = 10n ** BigInt(rateScale)
    const [up, down] = inverse ? [one, rate] : [rate, one]
    const shift = minorDigits(to) - minorDigits(from)
    const numerator = minor * up * 10n ** BigInt(Math.max(shift, 0))
    const { value } = divideRounded(numerator, down * 10n ** BigInt(Math.max(-shift, 0)), rounding)
    const used = {
      base,
      quote,
      rate: found.value.rate,
      inverse,
      effectiveAt: found.effectiveAt,
      rateEventId: found.eventId,
    }
    return { minor: value, currency: to, used }
  }
  return refuse('currency.rate_missing', { from, to, kind, at })
}

function scaledRate(text: string): bigint {
  const [whole = '', fraction = ''] = text.split('.')
  return BigInt(whole + fraction.padEnd(rateScale, '0'))
}
