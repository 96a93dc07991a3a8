import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { layersAt } from '../../../src/domain/claims/layersAt.ts'
import { claimsModel } from '../../../src/projections/models/claims/model.ts'
import { type Goods, openGoods } from '../../../src/projections/models/claims/openGoods.ts'
import { createLedgerGoods } from '../../../src/workers/claims/ledgerGoods.ts'
import { growChannel, grownNow, type GrownChannel } from '../../support/grownChannel.ts'
import { openReadModels, type OpenReadModels } from '../../support/readModels.ts'

let channel: GrownChannel
let models: OpenReadModels
let read: Goods
let scanned: Goods

beforeAll(async () => {
  channel = await growChannel()
  models = await openReadModels([claimsModel], grownNow)
  await models.fold(channel.log)
  read = openGoods(models.reader(claimsModel), 1_000)
  scanned = createLedgerGoods(channel)
}, 300_000)
afterAll(() => models.close())

describe('goods at dealers', () => {
  it('are the same from the read model as scanned from the log, at the head and as known before', async () => {
    const head = channel.log.at(-1)?.position ?? 0n
    let layers = 0
    for (const upTo of [head, head / 2n]) {
      for (const sku of ['DR-100', 'SW-100', 'GR-100', 'BL-110']) {
        const dealers = await read.dealers(sku, upTo)
        expect(dealers).toEqual(await scanned.dealers(sku, upTo))
        for (const dealerId of dealers) {
          const movements = await read.movements(dealerId, sku, upTo)
          expect(movements).toEqual(await scanned.movements(dealerId, sku, upTo))
          layers += layersAt(movements, grownNow).length
        }
      }
    }
    expect(layers).toBeGreaterThan(20)
  })
})
