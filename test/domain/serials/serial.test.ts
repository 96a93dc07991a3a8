import { beforeEach, describe, expect, it } from 'vitest'
import { productAggregate } from '../../../src/domain/catalogue/decide.ts'
import { dealerAggregate } from '../../../src/domain/dealers/decide.ts'
import { territoryAggregate } from '../../../src/domain/dealers/territory.ts'
import type { Aggregate } from '../../../src/domain/kernel/decider.ts'
import { aggregates } from '../../../src/domain/registry.ts'
import type { SerialCommand } from '../../../src/domain/serials/commands.ts'
import { serialCommands } from '../../../src/domain/serials/commands.ts'
import { serialAggregate } from '../../../src/domain/serials/serial.ts'
import { transferAggregate } from '../../../src/domain/stock/transfer.ts'
import type { CommandMeta, Outcome } from '../../../src/ledger/commands.ts'
import { createEventRegistry } from '../../../src/ledger/eventRegistry.ts'
import type { EventStore } from '../../../src/ledger/eventStore.ts'
import { openMemoryStore } from '../../../src/ledger/memory/memoryStore.ts'
import { meta, testHandler } from '../../support/commandHandling.ts'

// Decisions of one code look at its containers, so they are made here on a ledger.

const companyId = 'maker'
const effectiveAt = '2025-01-01T00:00:00.000Z[UTC]'
let store: EventStore
let handler: ReturnType<typeof testHandler>

async function run<C extends { type: string }, E extends { type: string; data: unknown }, S, G>(
  aggregate: Aggregate<C, E, S, G>,
  command: C,
  more: Partial<CommandMeta> = {},
): Promise<Outcome> {
  return handler.execute(aggregate, command, meta(more))
}
const code = (command: SerialCommand, more: Partial<CommandMeta> = {}): Promise<Outcome> =>
  run(serialAggregate, command, more)
/** What it wrote, or why it was refused. */
async function says(command: SerialCommand, more: Partial<CommandMeta> = {}): Promise<string> {
  const outcome = await code(command, more)
  return outcome.ok ? outcome.events.map(({ type }) => type).join(' ') : outcome.refusal.refused
}
async function done(command: SerialCommand): Promise<Readonly<Record<string, unknown>>> {
  const outcome = await code(command)
  if (!outcome.ok) throw new Error(outcome.refusal.refused)
  return (outcome.events[0]?.data ?? {}) as Readonly<Record<string, unknown>>
}

const item = (serial: string, packedInto?: string): SerialCommand => ({
  type: 'CommissionSerial',
  serial,
  companyId,
  kind: 'item',
  sku: 'DRILL',
  children: [],
  ...(packedInto !== undefined && { packedInto }),
})
const container = (
  serial: string,
  kind: 'case' | 'pallet',
  children: string[],
  packedInto?: string,
): SerialCommand => ({
  type: 'CommissionSerial',
  serial,
  companyId,
  kind,
  children,
  ...(packedInto !== undefined && { packedInto }),
})
const ship = (serial: string, dealerId: string): SerialCommand => ({ type: 'ShipSerial', serial, companyId, dealerId })
const receive = (serial: string, dealerId: string): SerialCommand => ({
  type: 'ReceiveSerial',
  serial,
  companyId,
  dealerId,
})
const scan = (serial: string, scanId: string, more: object = {}): SerialCommand => ({
  type: 'ObserveScan',
  serial,
  companyId,
  scanId,
  role: 'inspector',
  region: 'CN/HB',
  ...more,
})

beforeEach(async () => {
  store = openMemoryStore({ clock: () => 0 })
  handler = testHandler(store, { registry: createEventRegistry(aggregates) })
  const regions = ['CN/ZJ']
  const territory = { territoryId: 'east', companyId, name: { en: 'East' }, regions, exclusive: false, effectiveAt }
  await run(territoryAggregate, { type: 'DefineTerritory', ...territory })
  for (const dealerId of ['D1', 'D2']) {
    const profile = { kind: 'distributor', country: 'CN', region: 'CN/ZJ', zone: 'Asia/Shanghai', currencies: ['CNY'] }
    const dealer = { dealerId, companyId, legalName: { en: dealerId }, ...profile, tierLevel: 1 as const, effectiveAt }
    await run(dealerAggregate, { type: 'RegisterDealer', ...dealer })
    await run(dealerAggregate, { type: 'AssignTerritory', dealerId, territoryId: 'east', effectiveAt })
  }
  const drill = { sku: 'DRILL', companyId, name: { en: 'Drill' }, category: 'Tools', unit: 'EA', lotTracked: false }
  await run(productAggregate, { type: 'PublishProduct', ...drill, effectiveAt })
  for (const command of [
    container('P', 'pallet', ['C1', 'C2']),
    container('C1', 'case', ['A', 'B'], 'P'),
    container('C2', 'case', ['X'], 'P'),
    item('A', 'C1'),
    item('B', 'C1'),
    item('LOOSE'),
  ])
    await done(command)
})

describe('a code', () => {
  it('is issued once, and packed only into a larger container that names it', async () => {
    expect(await says(item('A', 'C1'))).toBe('')
    expect(await says({ ...item('A'), lot: 'L1' } as SerialCommand)).toBe('object.exists')
    expect(await says(item('LOOSE'))).toBe('')
    expect(await says(item('Y', 'C1'))).toBe('serials.not_listed')
    expect(await says(item('Y', 'NONE'))).toBe('serials.unknown')
    expect(await says({ type: 'PackSerial', serial: 'LOOSE', parent: 'C1' })).toBe('serials.not_listed')
    await done(container('C3', 'case', ['LOOSE']))
    expect(await says({ type: 'PackSerial', serial: 'LOOSE', parent: 'C3' })).toBe('SerialPacked')
    await done(container('C4', 'case', ['LOOSE', 'C3']))
    expect(await says({ type: 'PackSerial', serial: 'C3', parent: 'C4' })).toBe('serials.no_container')
    expect(await says({ type: 'PackSerial', serial: 'LOOSE', parent: 'C4' })).toBe('serials.packed')
  })

  it('names a product, or what it holds: a container is bounded and names each code once', () => {
    const commission = serialCommands[0].schema
    const fits = (change: object): boolean =>
      commission.safeParse({ serial: 'C', companyId, kind: 'case', children: ['A'], ...change }).success
    expect(fits({})).toBe(true)
    expect(fits({ children: Array.from({ length: 1000 }, (_, n) => `I${n}`) })).toBe(true)
    expect(fits({ children: Array.from({ length: 1001 }, (_, n) => `I${n}`) })).toBe(false)
    expect(fits({ children: ['A', 'A'] })).toBe(false)
    expect(fits({ children: ['C'] })).toBe(false)
    expect(fits({ children: [] })).toBe(false)
    expect(fits({ kind: 'item' })).toBe(false)
  })

  it('goes where its outermost container goes, with the territory of then', async () => {
    expect(await says(ship('C1', 'D1'))).toBe('serials.packed')
    expect(await done(ship('P', 'D1'))).toMatchObject({ dealerId: 'D1', territory: { id: 'east', version: 1 } })
    expect(await says(ship('P', 'D1'))).toBe('')
    expect(await says(ship('LOOSE', 'NOBODY'))).toBe('dealers.unknown')
    // what is said of the pallet holds for its items
    expect(await says(receive('A', 'D2'))).toBe('serials.not_on_its_way')
    expect(await says(receive('NEVER-ISSUED', 'D2'))).toBe('serials.not_on_its_way')
    expect(await done(receive('A', 'D1'))).toMatchObject({ outOf: 'C1' })
    expect(await says(receive('A', 'D1'))).toBe('')
    expect(await says(receive('P', 'D1'))).toBe('SerialReceived')
    expect(await says(ship('B', 'D2'))).toBe('serials.packed')
  })

  it('stays where its container is emptied, and moves alone from there', async () => {
    await done(ship('P', 'D1'))
    await done(receive('P', 'D1'))
    expect(await says({ type: 'UnpackContainer', serial: 'A' })).toBe('serials.no_container')
    await done({ type: 'UnpackContainer', serial: 'P' })
    await done({ type: 'UnpackContainer', serial: 'C1' })
    expect(await says({ type: 'UnpackContainer', serial: 'C1' })).toBe('')
    expect(await says(ship('C1', 'D2'))).toBe('serials.unpacked')
    const back = { companyId, reason: 'damaged' }
    expect(await says({ type: 'ReturnSerial', serial: 'B', dealerId: 'D2', ...back })).toBe('serials.elsewhere')
    expect(await done({ type: 'ReturnSerial', serial: 'B', dealerId: 'D1', ...back })).not.toHaveProperty('outOf')
    expect(await says(ship('B', 'D2'))).toBe('SerialShipped')
  })

  it('taken out stays where the container was, and no longer goes with it', async () => {
    await done(ship('P', 'D1'))
    const out = await done({ type: 'TakeOutSerial', serial: 'C2', reason: 'split' })
    expect(out).toMatchObject({ parent: 'P', place: 'underway', dealerId: 'D1' })
    await done({ type: 'ReturnSerial', serial: 'P', companyId, dealerId: 'D1', reason: 'refused' })
    expect(await says(receive('C2', 'D1'))).toBe('SerialReceived')
    expect(await says(receive('C1', 'D1'))).toBe('serials.not_on_its_way')
  })

  it('changes dealers only under a transfer of these goods between these two', async () => {
    await done(ship('LOOSE', 'D1'))
    const transfer = (transferId: string): SerialCommand => {
      return { type: 'TransferSerial', serial: 'LOOSE', companyId, dealerId: 'D2', transferId }
    }
    expect(await says(transfer('T1'))).toBe('serials.transfer_unauthorised')
    const request = (transferId: string, from: string, sku: string) =>
      run(transferAggregate, {
        type: 'RequestTransfer',
        transferId,
        companyId,
        from: { party: from, location: 'main' },
        to: { party: 'D2', location: 'main' },
        reason: 'season',
        lines: [{ lineNo: 1, sku, quantity: '1' }],
      })
    await request('T1', 'D3', 'DRILL')
    await request('T2', 'D1', 'SAW')
    await request('T3', 'D1', 'DRILL')
    expect(await says(transfer('T1'))).toBe('serials.transfer_unauthorised')
    expect(await says(transfer('T2'))).toBe('serials.transfer_unauthorised')
    expect(await done(transfer('T3'))).toMatchObject({ fromDealerId: 'D1', dealerId: 'D2', territory: { id: 'east' } })
    expect(await says(receive('LOOSE', 'D2'))).toBe('SerialReceived')
  })
})

describe('a scan', () => {
  it('is kept once, whoever made it', async () => {
    expect(await says(scan('A', 'S1'))).toBe('ScanObserved')
    expect(await says(scan('A', 'S1'))).toBe('')
    const place = { latitude: '30.59', longitude: '114.305' }
    expect(await says(scan('A', 'S2', { role: 'consumer', place }))).toBe('serials.consumer_place')
    const near = { latitude: '30.59', longitude: '114.31' }
    expect(await says(scan('A', 'S2', { role: 'consumer', place: near }))).toBe('ScanObserved')
    expect(await says(scan('A', 'S3', { role: 'outlet', outletId: 'NONE' }))).toBe('outlets.unknown')
  })

  it('of an unknown code is recorded as such, and found when the code becomes known', async () => {
    const outcome = await code(scan('GHOST', 'S1'))
    expect(outcome).toMatchObject({
      ok: true,
      events: [{ type: 'UnknownSerialScanned', data: { breaches: [{ code: 'serials.unknown' }] } }],
    })
    expect(await says(item('GHOST'))).toBe('SerialCommissioned')
    expect(await says(scan('GHOST', 'S2'))).toBe('ScanObserved')
    expect(await store.readStream('serial-GHOST')).toHaveLength(3)
  })

  it('remembers a bounded number of scans', async () => {
    for (let n = 0; n < 230; n++) await done(scan('A', `S${n}`))
    const state = await handler.load(serialAggregate, 'A')
    expect(state.scans).toHaveLength(200)
    expect(await says(scan('A', 'S229'))).toBe('')
  })
})

describe('an import', () => {
  it('refuses nothing that happened: what it breaks is kept beside it', async () => {
    const recorded = await code(ship('NEVER-ISSUED', 'NOBODY'), {
      recorded: true,
      source: { kind: 'import', system: 'x', document: '1' },
    })
    expect(recorded).toMatchObject({
      ok: true,
      events: [{ data: { breaches: [{ code: 'serials.unknown' }, { code: 'dealers.unknown' }] } }],
    })
  })
})
