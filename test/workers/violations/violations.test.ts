import { describe, expect, it } from 'vitest'
import { defaultPriceRules } from '../../../src/domain/detection/defaultRules.ts'
import { orderAggregate } from '../../../src/domain/orders/decide.ts'
import { priceAggregate } from '../../../src/domain/pricing/prices.ts'
import { stockAggregate } from '../../../src/domain/stock/decide.ts'
import type { ViolationEvent } from '../../../src/domain/violations/events.ts'
import { marketPriceAggregate, type MarketPriceCommand } from '../../../src/domain/violations/marketPrice.ts'
import { pricePolicyAggregate, type PriceRules } from '../../../src/domain/violations/pricePolicy.ts'
import { openWorkChannel, type WorkChannel } from '../../support/workChannel.ts'

const day = 86_400_000
const { version: _version, ...standard } = defaultPriceRules

async function watched(rules: PriceRules['rules'], more: Partial<PriceRules> = {}) {
  const channel = await openWorkChannel()
  const terms = { ...standard, validFrom: channel.at(), lists: ['BASE'], rules, ...more }
  await channel.run(pricePolicyAggregate, { type: 'SetPricePolicy', companyId: 'ACME', terms })
  await channel.receive('BIKE', '5000', 'R1')
  return channel
}

const seen = (more: Partial<MarketPriceCommand>): MarketPriceCommand => ({
  type: 'ObserveMarketPrice',
  companyId: 'ACME',
  observationId: 'O1',
  dealerId: 'D1',
  sku: 'BIKE',
  unit: 'EA',
  offer: 'advertised',
  price: '7',
  currency: 'USD',
  place: 'Main Street',
  confidence: '0.9',
  ...more,
})

const map = { ADVERTISED_BELOW_MAP: { tolerance: '0', confidence: '0.8' } }
const advertised = [{ sku: 'BIKE', currency: 'USD', price: '9' }]

describe('trade is judged as it comes', () => {
  it('an advertised price, also one that came in a file, by the version in force when it was seen', async () => {
    const channel = await watched(map, { advertised })
    await channel.run(marketPriceAggregate, seen({}))
    await channel.run(marketPriceAggregate, seen({ observationId: 'O2', confidence: '0.5' }))
    await channel.run(marketPriceAggregate, seen({ observationId: 'O3', price: '9' }))
    await channel.run(marketPriceAggregate, seen({ observationId: 'O4', currency: 'EUR' }))
    await channel.run(marketPriceAggregate, seen({ observationId: 'O5', dealerId: 'D2' }), {
      recorded: true,
      source: { kind: 'import', system: 'watch', document: 'O5' },
    })
    await channel.work()
    const found = await detected(channel)
    expect(found.map(({ dealerId, kind }) => `${dealerId} ${kind}`)).toEqual([
      'D1 ADVERTISED_BELOW_MAP',
      'D2 ADVERTISED_BELOW_MAP',
    ])
    expect(found[0]).toMatchObject({ policyVersion: 1, figures: { price: '7', lowestAdvertised: '9' } })
  })

  it('what a dealer sold for is not even kept where the policy does not allow it', async () => {
    const ceiling = { ABOVE_CEILING: { tolerance: '0' } }
    const list = { listId: 'BASE', sku: 'BIKE', unit: 'EA', currency: 'USD', companyId: 'ACME' }
    for (const [countries, refused, found] of [
      [['DE'], 'violations.resale_prices', []],
      [['US'], undefined, [{ kind: 'ABOVE_CEILING', derivesFromResale: true }]],
    ] as const) {
      const channel = await watched(ceiling, { resalePrices: { countries: [...countries], restsOn: 'Counsel' } })
      channel.pass(day)
      const limits = { newPrice: '10', ceiling: '12', effectiveAt: channel.at(), reason: 'limits' }
      await channel.run(priceAggregate, { type: 'ChangePrice', ...list, ...limits })
      channel.pass(day)
      const sold = seen({ offer: 'sold', price: '13' })
      for (const recorded of [true, false]) {
        const outcome = await channel.attempt(marketPriceAggregate, sold, { recorded })
        expect(outcome.ok ? undefined : outcome.refusal.refused).toBe(refused)
      }
      await channel.work()
      expect(await detected(channel)).toMatchObject(found)
      expect(await channel.events('MarketPriceObserved')).toHaveLength(found.length)
    }
  })

  it('what nobody watches yet, or no more, is no violation', async () => {
    const channel = await watched(map, { advertised })
    const before = '2025-12-31T00:00:00.000Z[UTC]'
    await channel.run(marketPriceAggregate, seen({ observationId: 'early' }), { at: before })
    const endsAt = channel.at()
    channel.pass(day)
    await channel.run(pricePolicyAggregate, {
      type: 'EndPricePolicy',
      companyId: 'ACME',
      version: 1,
      endsAt: channel.at(),
    })
    expect(endsAt < channel.at()).toBe(true)
    await channel.run(marketPriceAggregate, seen({ observationId: 'late' }))
    await channel.work()
    expect(await detected(channel)).toEqual([])
  })

  it('a price that somebody approved beyond the authority', async () => {
    const approvers = [{ principalId: 'staff-1', share: '0.2' }]
    const channel = await watched({ UNAPPROVED_DISCOUNT: { authority: '0.05', approvers } })
    for (const [orderId, unitPrice] of [
      ['O1', '8.5'],
      ['O2', '7.5'],
    ] as const) {
      await channel.place(orderId, [['BIKE', '4']])
      await channel.work()
      const override = { type: 'ApprovePriceOverride', orderId, lineNo: 1, unitPrice, reason: 'fair' } as const
      await channel.run(orderAggregate, override)
    }
    await channel.work()
    const found = await detected(channel)
    expect(found).toMatchObject([
      { kind: 'UNAPPROVED_DISCOUNT', dealerId: 'D1', figures: { orderId: 'O2', discount: '0.25', authority: '0.2' } },
    ])
  })

  it('resale below cost, only where the law lets it be looked at; what is found says so', async () => {
    const dumping = { DUMPING_LOW_PRICE: { margin: '0.02', volume: '6', times: 3, withinDays: 30 } }
    for (const [countries, expected] of [
      [
        ['US'],
        [
          {
            kind: 'DUMPING_LOW_PRICE',
            derivesFromResale: true,
            figures: { price: '8', cost: '10', times: '3', quantity: '9' },
          },
        ],
      ],
      [['DE'], []],
    ] as const) {
      const channel = await watched(dumping, { resalePrices: { countries: [...countries], restsOn: 'Counsel' } })
      await channel.place('O1', [['BIKE', '100']])
      await channel.work()
      await channel.ship('O1', 'S1', [{ lineNo: 1, quantity: '100' }])
      await channel.deliver('O1', 'S1')
      await channel.run(stockAggregate, {
        type: 'SetStockRules',
        party: 'D1',
        location: 'SHOP',
        sku: 'BIKE',
        unit: 'EA',
        allowNegative: true,
        minimumRemainingLifeDays: 0,
      })
      for (const n of [1, 2, 3, 4]) {
        channel.pass(day)
        await channel.run(stockAggregate, {
          type: 'ReportResale',
          party: 'D1',
          location: 'SHOP',
          sku: 'BIKE',
          reportId: `R${n}`,
          source: 'pos',
          lines: [{ quantity: '3' }],
          resalePrice: { unitPrice: '8', currency: 'USD' },
        })
        await channel.work()
      }
      expect(await detected(channel)).toMatchObject(expected)
    }
  })

  it('has one effect wherever a process dies on the way', async () => {
    const run = async (dieAt: number): Promise<{ found: number; appends: number }> => {
      const channel = await watched(map, { advertised })
      await channel.run(marketPriceAggregate, seen({}))
      await channel.run(marketPriceAggregate, seen({ observationId: 'O2', sku: 'BIKE', price: '6' }))
      let appends = 0
      const die = (): void => {
        appends += 1
        if (appends === dieAt) throw new Error('died')
      }
      channel.crash.before = die
      channel.crash.after = die
      for (let tries = 0; tries < 3; tries += 1) {
        try {
          await channel.work()
          break
        } catch (error) {
          if (!(error instanceof Error && error.message.includes('died'))) throw error
          channel.restart()
        }
      }
      channel.crash.before = () => {}
      channel.crash.after = () => {}
      await channel.work()
      return { found: (await detected(channel)).length, appends }
    }
    const { appends } = await run(0)
    expect(appends).toBeGreaterThan(2)
    for (let dieAt = 1; dieAt <= appends; dieAt += 1)
      expect(await run(dieAt), `died at ${dieAt}`).toMatchObject({ found: 2 })
  })
})

async function detected(channel: WorkChannel) {
  const events = await channel.events('ViolationDetected')
  return events.map(({ data }) => data as Extract<ViolationEvent, { type: 'ViolationDetected' }>['data'])
}
