import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Sightings } from '../../../src/domain/diversion/sighting.ts'
import { serialsModel } from '../../../src/projections/models/serials/model.ts'
import { openSightings } from '../../../src/projections/models/serials/openSightings.ts'
import { createLedgerSightings } from '../../../src/workers/diversion/ledgerSightings.ts'
import { growChannel, grownNow, type GrownChannel } from '../../support/grownChannel.ts'
import { openReadModels, type OpenReadModels } from '../../support/readModels.ts'

let channel: GrownChannel
let models: OpenReadModels
let read: Sightings
let scanned: Sightings

beforeAll(async () => {
  channel = await growChannel()
  models = await openReadModels([serialsModel], grownNow)
  await models.fold(channel.log)
  read = openSightings(models.reader(serialsModel), 1_000)
  scanned = createLedgerSightings(channel)
}, 300_000)
afterAll(() => models.close())

describe('goods that were seen', () => {
  it('are the same from the read model as scanned from the log, at the head and as known before', async () => {
    const head = channel.log.at(-1)?.position ?? 0n
    for (const upTo of [head, (head * 9n) / 10n]) {
      const window = { from: 0, until: grownNow, upTo }
      const all = await read.all(window)
      expect(all).toEqual(await scanned.all(window))
      const dealers = [...new Set(all.map(({ sent }) => sent?.dealerId ?? ''))].filter((dealer) => dealer !== '')
      for (const dealer of dealers) {
        const own = await read.of(dealer, window)
        expect(own).toEqual(all.filter(({ sent }) => sent?.dealerId === dealer))
        expect(own).toEqual(await scanned.of(dealer, window))
      }
      for (const one of all) expect(await read.one(one.serial, one.eventId, upTo)).toEqual(one)
    }
    const seen = await read.all({ from: 0, until: grownNow, upTo: head })
    expect(seen.map(({ sent }) => sent?.dealerId)).toContain('CN001')
    expect(seen.some(({ chain }) => chain.length > 1)).toBe(true)
    expect(seen.some(({ sent }) => sent?.territory !== undefined)).toBe(true)
  })
})
