import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaultPriceRules } from '../../../src/domain/detection/defaultRules.ts'
import type { Finding, Trade } from '../../../src/domain/detection/judge.ts'
import { judgeHistory } from '../../../src/domain/detection/judgeHistory.ts'
import type { PriceRules } from '../../../src/domain/violations/pricePolicy.ts'
import { violationsModel } from '../../../src/projections/models/violations/model.ts'
import { openTrade } from '../../../src/projections/models/violations/openTrade.ts'
import { company } from '../../../src/runtime/demo/world.ts'
import { createLedgerGoods } from '../../../src/workers/claims/ledgerGoods.ts'
import { createLedgerTrade } from '../../../src/workers/violations/ledgerTrade.ts'
import { testHandler } from '../../support/commandHandling.ts'
import { growChannel, grownNow, type GrownChannel } from '../../support/grownChannel.ts'
import { openReadModels, type OpenReadModels } from '../../support/readModels.ts'

let channel: GrownChannel
let models: OpenReadModels
let read: Trade
let scanned: Trade

beforeAll(async () => {
  channel = await growChannel()
  models = await openReadModels([violationsModel], grownNow)
  await models.fold(channel.log)
  read = openTrade(models.reader(violationsModel), channel, 1_000)
  scanned = createLedgerTrade(channel)
}, 300_000)
afterAll(() => models.close())

/** Strict enough that something is found of many kinds. */
const strict: PriceRules = {
  ...defaultPriceRules,
  lists: ['BASE-CNY'],
  advertised: [{ sku: 'DR-100', currency: 'CNY', price: '98' }],
  resalePrices: { countries: ['CN'], restsOn: 'this test' },
  rules: {
    ...defaultPriceRules.rules,
    UNAPPROVED_DISCOUNT: { authority: '0', approvers: [] },
    DUMPING_LOW_PRICE: { margin: '0', volume: '1', times: 1, withinDays: 90 },
    PRICE_SPREAD: { threshold: '0', withinDays: 30 },
    ORDER_SPIKE: { historyWeeks: 8, deviations: '1', ratio: '1', explained: '1', volume: '2' },
    CREDIT_STRETCH: { withinDays: 30, lateDays: 1, share: '0.1', growth: '0', times: 1 },
  },
}

describe('trade', () => {
  it('is the same from the read model as scanned from the log, at the head and as known before', async () => {
    const head = channel.log.at(-1)?.position ?? 0n
    const kinds = new Map<string, number>()
    for (const upTo of [head, head / 2n]) {
      const all = { from: 0, until: grownNow, upTo }
      const dealers = (await read.dealers(upTo)).filter((dealer) => dealer !== '')
      expect(dealers).toEqual((await scanned.dealers(upTo)).filter((dealer) => dealer !== ''))
      for (const dealer of dealers) {
        const facts = await read.of(dealer, all)
        expect(facts).toEqual(await scanned.of(dealer, all))
        for (const { kind } of facts) kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
      }
      expect(await read.ofSku('DR-100', all)).toEqual(await scanned.ofSku('DR-100', all))
    }
    expect([...kinds.keys()].toSorted()).toEqual(
      expect.arrayContaining(['benefit', 'observed', 'paid', 'repriced', 'resale', 'sell-in']),
    )
  })

  it('gives the same findings', async () => {
    const upTo = channel.log.at(-1)?.position ?? 0n
    const { load } = testHandler(channel.store, { registry: channel.registry })
    const movements = createLedgerGoods(channel).movements
    const window = { from: 0, until: grownNow, upTo }
    const find = (trade: Trade, rules: PriceRules): Promise<readonly Finding[]> =>
      judgeHistory({ load, trade, movements }, { companyId: company, policy: { versions: [rules] }, window })
    const found = await find(scanned, strict)
    expect(await find(read, strict)).toEqual(found)
    const kinds = new Set(found.map(({ kind }) => kind))
    expect([...kinds]).toEqual(expect.arrayContaining(['ADVERTISED_BELOW_MAP', 'UNAPPROVED_DISCOUNT', 'ORDER_SPIKE']))
  })
})
