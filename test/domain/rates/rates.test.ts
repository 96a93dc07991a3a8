import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isRefusal } from '../../../src/domain/kernel/decider.ts'
import { publishExchangeRate, type RatesCommand } from '../../../src/domain/rates/commands.ts'
import { convert, type Converted } from '../../../src/domain/rates/convert.ts'
import type { RatesEvent } from '../../../src/domain/rates/events.ts'
import { rateAt, ratesAggregate, type RatesState } from '../../../src/domain/rates/rates.ts'
import { eventId, foldEvents, given } from '../../support/decider.ts'

const day = (date: string): string => `${date}T00:00:00.000Z[UTC]`
const rate = (text: string, date: string, more: object = {}): RatesEvent => ({
  type: 'ExchangeRatePublished',
  data: {
    base: 'USD',
    quote: 'CNY',
    rate: text,
    kind: 'mid',
    effectiveAt: day(date),
    source: 'PBOC',
    breaches: [],
    ...more,
  },
})
const publish = (text: string, date: string): RatesCommand => {
  const { breaches: _none, ...command } = rate(text, date).data
  return { type: 'PublishExchangeRate', ...command }
}

describe('exchange rates', () => {
  it('are published once for an instant and a kind', () => {
    given(ratesAggregate)
      .when(publish('7.1234567891', '2026-01-01'))
      .then([rate('7.1234567891', '2026-01-01')])
    given(ratesAggregate, [rate('7.1', '2026-01-01')])
      .when(publish('7.2', '2026-01-01'))
      .thenRefused('currency.rate_exists')
    given(ratesAggregate, [rate('7.1', '2026-01-01', { kind: 'fixing' })])
      .when(publish('7.2', '2026-01-01'))
      .then([rate('7.2', '2026-01-01')])
    given(ratesAggregate, [rate('7.1', '2026-01-01')])
      .when(publish('7.2', '2026-01-01'), { recorded: true })
      .then([
        rate('7.2', '2026-01-01', {
          breaches: [
            {
              code: 'currency.rate_exists',
              details: { base: 'USD', quote: 'CNY', kind: 'mid', effectiveAt: day('2026-01-01') },
            },
          ],
        }),
      ])
  })

  it('are positive, of two currencies, with ten digits at most', () => {
    const fits = (more: object): boolean =>
      publishExchangeRate.schema.safeParse({
        base: 'USD',
        quote: 'CNY',
        rate: '7',
        kind: 'mid',
        effectiveAt: day('2026-01-01'),
        source: 'PBOC',
        ...more,
      }).success
    expect(fits({})).toBe(true)
    expect([
      fits({ rate: '0' }),
      fits({ rate: '0.00' }),
      fits({ rate: '-1' }),
      fits({ rate: '1.12345678901' }),
      fits({ rate: '7e1' }),
      fits({ quote: 'USD' }),
    ]).toEqual([false, false, false, false, false, false])
  })

  it('hold until the next one of their kind', () => {
    const state = foldEvents(ratesAggregate, [
      rate('7.3', '2026-03-01'),
      rate('7.1', '2026-01-01'),
      rate('9', '2026-02-01', { kind: 'fixing' }),
    ])
    expect(
      ['2025-12-31', '2026-02-28', '2026-03-01'].map((date) => rateAt(state, 'mid', day(date))?.value.rate),
    ).toEqual([undefined, '7.1', '7.3'])
  })
})

describe('conversion', () => {
  const usdCny = foldEvents(ratesAggregate, [rate('7.125', '2026-01-01')])
  const usdJpy = foldEvents(ratesAggregate, [rate('150.005', '2026-01-01', { quote: 'JPY' })])
  const book: Readonly<Record<string, RatesState>> = { 'USD/CNY': usdCny, 'USD/JPY': usdJpy }
  const ask = (minor: bigint, from: string, to: string, date = '2026-02-01'): ReturnType<typeof convert> =>
    convert({ minor, from, to, kind: 'mid', at: day(date) }, (base, quote) => book[`${base}/${quote}`])
  const done = (minor: bigint, from: string, to: string): Converted => {
    const answer = ask(minor, from, to)
    if (isRefusal(answer)) throw new Error(answer.refused)
    return answer
  }

  it('shows the rate and its date', () => {
    expect(ask(10_000n, 'USD', 'CNY')).toEqual({
      minor: 71_250n,
      currency: 'CNY',
      used: {
        base: 'USD',
        quote: 'CNY',
        rate: '7.125',
        inverse: false,
        effectiveAt: day('2026-01-01'),
        rateEventId: eventId(0),
      },
    })
  })

  it('takes the pair the other way round when that is what was published, and says so', () => {
    expect(ask(71_250n, 'CNY', 'USD')).toMatchObject({
      minor: 10_000n,
      used: { base: 'USD', quote: 'CNY', inverse: true },
    })
  })

  it('goes between currencies of different digits in one rounding', () => {
    expect(done(199n, 'USD', 'JPY').minor).toBe(299n) // 1.99 · 150.005 = 298.50995
    expect(done(300n, 'JPY', 'USD').minor).toBe(200n) // 300 / 150.005 = 1.99993…
  })

  it('leaves an amount of the same currency alone', () => {
    expect(ask(5n, 'EUR', 'EUR')).toEqual({ minor: 5n, currency: 'EUR' })
  })

  it('is refused without a rate: never published, or not yet', () => {
    expect(ask(1n, 'EUR', 'CNY')).toMatchObject({ refused: 'currency.rate_missing' })
    expect(ask(1n, 'USD', 'CNY', '2025-12-31')).toMatchObject({ refused: 'currency.rate_missing' })
  })

  it('there and back is within one unit of the coarser step, and keeps the sign', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), (minor) => {
        const back = done(done(minor, 'USD', 'CNY').minor, 'CNY', 'USD').minor
        expect(back - minor >= -1n && back - minor <= 1n).toBe(true)
        expect(done(-minor, 'USD', 'CNY').minor).toBe(-done(minor, 'USD', 'CNY').minor)
      }),
    )
  })
})
