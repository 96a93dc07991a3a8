import { startOfDay } from '../../domain/kernel/businessTime.ts'
import { marketPriceAggregate, type MarketPriceCommand } from '../../domain/violations/marketPrice.ts'
import { pricePolicyAggregate, type PriceRules } from '../../domain/violations/pricePolicy.ts'
import { defaultPriceRules } from '../../domain/detection/defaultRules.ts'
import { documentHash } from './documentHash.ts'
import { eachCase } from './eachCase.ts'
import { finance, sales } from './names.ts'
import { company, companyZone, hour, type Actor, type World } from './world.ts'

const { DIVERSION } = defaultPriceRules.rules
const [accused, excused] = ['CN001', 'CN006'] as const

/**
 * Prices are watched: what is asked in the market is written down, what is too low is put to the dealer, explained, and decided
 * by two people. What dealers sell for is looked at nowhere.
 */
export function planPriceControl(world: World): void {
  const on = (date: string, action: () => Promise<void>): void =>
    world.plan(startOfDay(date, companyZone) + 10.5 * hour, action)
  on('2024-11-20', () => setPolicy(world, '0.02'))
  on('2024-12-04', async () => {
    await observe(world, { observationId: 'MP-1', dealerId: accused, price: '79', outletId: 'SHOP-PUDONG' })
    await observe(world, {
      observationId: 'MP-2',
      dealerId: excused,
      price: '85',
      url: 'https://shop.example.cn/dr-100',
    })
    await observe(world, { observationId: 'MP-3', seller: 'Corner shop', price: '99', place: 'Nanjing' })
  })
  on('2024-12-05', async () => {
    for (const dealerId of [accused, excused])
      await eachCase(world, { dealerId, status: 'detected' }, sales, (one) => ({ type: 'NotifyViolation', ...one }))
  })
  on('2024-12-09', async () => {
    const by: Actor = { id: 'dealer-wang', zone: companyZone }
    const explanation = '旧海报，已撤下'
    await eachCase(world, { dealerId: accused, status: 'notified' }, by, (one) => ({
      type: 'ExplainViolation',
      ...one,
      explanation,
    }))
  })
  on('2024-12-12', async () => {
    await eachCase(world, { dealerId: accused, status: 'explained' }, finance, (one) => ({
      type: 'ConfirmViolation',
      ...one,
    }))
    const reason = 'another-product'
    await eachCase(world, { dealerId: excused, status: 'notified' }, finance, (one) => ({
      type: 'DismissViolation',
      ...one,
      reason,
    }))
  })
  on('2024-12-19', async () => {
    await eachCase(world, { dealerId: accused, status: 'confirmed' }, sales, (one) => ({
      type: 'RemedyViolation',
      ...one,
      remedy: 'taken-down',
    }))
    await eachCase(world, { dealerId: accused, status: 'remedied' }, sales, (one) => ({
      type: 'CloseViolation',
      ...one,
    }))
  })
  on('2025-01-02', async () => {
    const ended = { companyId: company, version: 1, endsAt: world.at() }
    await world.run(pricePolicyAggregate, { type: 'EndPricePolicy', ...ended }, sales)
    await setPolicy(world, '0.01')
  })
}

async function setPolicy(world: World, tolerance: string): Promise<void> {
  const terms: Omit<PriceRules, 'version'> = {
    validFrom: world.at(),
    lists: ['BASE-CNY'],
    advertised: [{ sku: 'DR-100', currency: 'CNY', price: '98' }],
    rules: {
      SELLIN_BELOW_FLOOR: { tolerance, netNet: false },
      ADVERTISED_BELOW_MAP: { tolerance, confidence: '0.8' },
      PROMO_OUT_OF_WINDOW: {},
      HIDDEN_REBATE: { above: [{ currency: 'CNY', amount: '100' }] },
      ORDER_SPIKE: { historyWeeks: 26, deviations: '6', ratio: '3', explained: '0.7', volume: '40' },
      ...(DIVERSION && { DIVERSION }),
    },
    repeatWithinDays: 365,
    explainWithinDays: 10,
    quietDays: 60,
  }
  await world.run(pricePolicyAggregate, { type: 'SetPricePolicy', companyId: company, terms }, sales)
}

async function observe(
  world: World,
  seen: Pick<MarketPriceCommand, 'observationId' | 'price'> & Partial<MarketPriceCommand>,
): Promise<void> {
  const offer = { sku: 'DR-100', unit: 'EA', confidence: '0.95', offer: 'advertised', currency: 'CNY' } as const
  const screenshot = documentHash(seen.observationId)
  await world.run(
    marketPriceAggregate,
    { companyId: company, ...offer, screenshot, ...seen, type: 'ObserveMarketPrice' },
    sales,
  )
}
