import { describe, expect, it } from 'vitest'
import { dealerAggregate } from '../../../src/domain/dealers/decide.ts'
import { territoryAggregate } from '../../../src/domain/dealers/territory.ts'
import { defaultPriceRules } from '../../../src/domain/detection/defaultRules.ts'
import type { SerialCommand } from '../../../src/domain/serials/commands.ts'
import { serialAggregate } from '../../../src/domain/serials/serial.ts'
import { transferAggregate } from '../../../src/domain/stock/transfer.ts'
import type { ViolationEvent } from '../../../src/domain/violations/events.ts'
import { pricePolicyAggregate } from '../../../src/domain/violations/pricePolicy.ts'
import { violationsAggregate } from '../../../src/domain/violations/violations.ts'
import { openWorkChannel, type WorkChannel } from '../../support/workChannel.ts'

const day = 86_400_000
const { version: _version, ...standard } = defaultPriceRules
const { DIVERSION, DIVERSION_LEAD } = defaultPriceRules.rules

/** D1 has the west and D2 the east, and boxes B1 to B8 were sent to D1. */
async function shipped() {
  const channel = await openWorkChannel()
  const terms = { ...standard, validFrom: channel.at(), rules: { DIVERSION, DIVERSION_LEAD } }
  await channel.run(pricePolicyAggregate, { type: 'SetPricePolicy', companyId: 'ACME', terms })
  const effectiveAt = channel.at()
  for (const [dealerId, territoryId, region] of [
    ['D1', 'WEST', 'US/Oregon'],
    ['D2', 'EAST', 'US/Ohio'],
  ] as const) {
    const territory = { territoryId, companyId: 'ACME', name: { en: territoryId }, regions: [region], exclusive: false }
    await channel.run(territoryAggregate, { type: 'DefineTerritory', ...territory, effectiveAt })
    await channel.run(dealerAggregate, { type: 'AssignTerritory', dealerId, territoryId, effectiveAt })
  }
  for (let n = 1; n <= 8; n += 1) {
    const serial = `B${n}`
    const made = { type: 'CommissionSerial', companyId: 'ACME' } as const
    const item = `${serial}-1`
    await channel.run(serialAggregate, { ...made, serial, kind: 'case', children: [item] })
    await channel.run(serialAggregate, {
      ...made,
      serial: item,
      kind: 'item',
      sku: 'BIKE',
      children: [],
      packedInto: serial,
    })
    await channel.run(serialAggregate, { type: 'ShipSerial', serial, companyId: 'ACME', dealerId: 'D1' })
  }
  channel.pass(day)
  await channel.work()
  let scans = 0
  return {
    channel,
    async see(serial: string, more: Partial<Extract<SerialCommand, { type: 'ObserveScan' }>> = {}): Promise<void> {
      scans += 1
      const scan = { serial, companyId: 'ACME', scanId: `S${scans}`, role: 'inspector', region: 'US/Ohio' } as const
      await channel.run(serialAggregate, { type: 'ObserveScan', ...scan, ...more })
      channel.pass(day)
    },
  }
}

describe('goods are judged as they are seen', () => {
  it('a pattern in a foreign region is one case, with the scans and the shipments that show it', async () => {
    const { channel, see } = await shipped()
    for (const serial of ['B1', 'B2-1', 'B3']) await see(serial)
    await channel.work()
    expect(await detected(channel)).toEqual([])
    for (const serial of ['B4', 'B5-1', 'B6']) await see(serial)
    await channel.work()
    const found = await detected(channel)
    expect(found).toMatchObject([
      { kind: 'DIVERSION', dealerId: 'D1', region: 'US/Ohio', policyVersion: 1, derivesFromResale: false },
    ])
    const scans = (await channel.events('ScanObserved')).slice(0, 4).map(({ id }) => id)
    const evidence = found[0]?.evidence ?? []
    expect(evidence.filter(({ role }) => role === 'scan').map(({ eventId }) => eventId)).toEqual(scans)
    expect(evidence.filter(({ role }) => role === 'sent')).toHaveLength(4)
  })

  it('what was transferred with authority, or given back and sent to another dealer, is where it belongs', async () => {
    const { channel, see } = await shipped()
    const [from, to] = ['D1', 'D2'].map((party) => ({ party, location: 'SHOP' }))
    if (!from || !to) throw new Error('two dealers')
    const transfer = { transferId: 'T1', companyId: 'ACME', from, to, reason: 'balance' }
    const lines = [{ lineNo: 1, sku: 'BIKE', quantity: '4' }]
    await channel.run(transferAggregate, { type: 'RequestTransfer', ...transfer, lines })
    const moved = { companyId: 'ACME', dealerId: 'D2' }
    for (const serial of ['B1', 'B2', 'B3', 'B4'])
      await channel.run(serialAggregate, { type: 'TransferSerial', serial, ...moved, transferId: 'T1' })
    for (const serial of ['B5', 'B6', 'B7', 'B8']) {
      await channel.run(serialAggregate, {
        type: 'ReturnSerial',
        serial,
        companyId: 'ACME',
        dealerId: 'D1',
        reason: 'full',
      })
      await channel.run(serialAggregate, { type: 'ShipSerial', serial, ...moved })
    }
    for (let n = 1; n <= 8; n += 1) await see(`B${n}`)
    await channel.work()
    expect(await detected(channel)).toEqual([])
  })

  it('is by the territory as it was when they were sent: what is taken away later is no offence', async () => {
    const { channel, see } = await shipped()
    const revised = { territoryId: 'WEST', name: { en: 'WEST' }, regions: ['US/Oregon', 'US/Ohio'], exclusive: false }
    await channel.run(territoryAggregate, { type: 'ReviseTerritory', ...revised, effectiveAt: channel.at() })
    await channel.run(dealerAggregate, {
      type: 'AssignTerritory',
      dealerId: 'D1',
      territoryId: 'WEST',
      effectiveAt: channel.at(),
    })
    for (const serial of ['B1', 'B2', 'B3', 'B4']) await see(serial)
    await channel.work()
    // sent before: wider now does not excuse it
    expect(await detected(channel)).toHaveLength(1)
  })

  it('what consumers alone saw is where to look, and can never be confirmed', async () => {
    const { channel, see } = await shipped()
    for (let n = 1; n <= 7; n += 1) await see(`B${n}-1`, { role: 'consumer' })
    await channel.work()
    const [lead, ...others] = await detected(channel)
    expect(lead).toMatchObject({ kind: 'DIVERSION_LEAD', dealerId: 'D1', region: 'US/Ohio' })
    expect(others).toEqual([])
    const one = { dealerId: 'D1', violationId: lead?.violationId ?? '' }
    await channel.run(violationsAggregate, { type: 'NotifyViolation', ...one })
    await channel.run(violationsAggregate, { type: 'ExplainViolation', ...one, explanation: 'Gifts' })
    const confirmed = await channel.attempt(
      violationsAggregate,
      { type: 'ConfirmViolation', ...one },
      { actor: 'staff-2' },
    )
    expect(confirmed).toMatchObject({ ok: false, refusal: { refused: 'violations.lead_only' } })
    const reason = 'nothing-there'
    await channel.run(violationsAggregate, { type: 'DismissViolation', ...one, reason }, { actor: 'staff-2' })
  })

  it('opens a case once wherever a process dies on the way', async () => {
    const run = async (dieAt: number): Promise<{ found: number; appends: number }> => {
      const { channel, see } = await shipped()
      for (const serial of ['B1', 'B2', 'B3', 'B4', 'B5']) await see(serial)
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
    expect(appends).toBeGreaterThan(0)
    for (let dieAt = 1; dieAt <= appends; dieAt += 1)
      expect(await run(dieAt), `died at ${dieAt}`).toMatchObject({ found: 1 })
  })
})

async function detected(channel: WorkChannel) {
  const events = await channel.events('ViolationDetected')
  return events.map(({ data }) => data as Extract<ViolationEvent, { type: 'ViolationDetected' }>['data'])
}
