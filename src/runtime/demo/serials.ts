import { addDays, startOfDay } from '../../domain/kernel/businessTime.ts'
import type { SerialCommand } from '../../domain/serials/commands.ts'
import { serialAggregate } from '../../domain/serials/serial.ts'
import { transferAggregate } from '../../domain/stock/transfer.ts'
import { demoProducts } from './catalogue.ts'
import { sales, warehouse } from './names.ts'
import { company, companyZone, hour, type Actor, type World } from './world.ts'

const sku = demoProducts[0]?.sku ?? ''
const companyId = company
/** the last month in which a case with codes leaves */
const lastMonth = '2026-09'
const dealer: Actor = { id: 'buyer-CN001', zone: companyZone }
const shops = { near: { latitude: '31.21', longitude: '121.43' }, far: { latitude: '30.59', longitude: '114.31' } }

/** Codes on goods, their way, and where they were seen: a pallet in the first winter, then a case a month. Nothing is drawn by chance. */
export function planSerials(world: World): void {
  const on = (date: string, at: number): number => startOfDay(date, companyZone) + at * hour
  const plan = (date: string, at: number, by: Actor, ...commands: readonly SerialCommand[]): void =>
    world.plan(on(date, at), async () => {
      for (const command of commands) await world.run(serialAggregate, command, by)
    })
  const [cases, loose] = [['C-1', 'C-2'], 'I-LOOSE']
  const items = (container: string): string[] => [1, 2, 3].map((n) => `${container}-I${String(n)}`)
  const item = (serial: string, packedInto?: string): SerialCommand => {
    const into = packedInto === undefined ? {} : { packedInto }
    return { type: 'CommissionSerial', serial, companyId, kind: 'item', sku, lot: 'L2411', children: [], ...into }
  }
  plan(
    '2024-11-18',
    10,
    warehouse,
    { type: 'CommissionSerial', serial: 'P-1', companyId, kind: 'pallet', children: cases },
    ...cases.flatMap((serial): SerialCommand[] => [
      { type: 'CommissionSerial', serial, companyId, kind: 'case', sku, children: items(serial), packedInto: 'P-1' },
      ...items(serial).map((one) => item(one, serial)),
    ]),
    item(loose),
    { type: 'CommissionSerial', serial: 'C-LOOSE', companyId, kind: 'case', sku, children: [loose] },
    { type: 'PackSerial', serial: loose, parent: 'C-LOOSE' },
  )
  plan(
    '2024-11-20',
    15,
    warehouse,
    { type: 'TakeOutSerial', serial: loose, reason: 'sample' },
    { type: 'ShipSerial', serial: 'P-1', companyId, dealerId: 'CN001', shipmentId: 'PALLET-1' },
  )
  plan(
    '2024-11-23',
    9,
    dealer,
    { type: 'ReceiveSerial', serial: 'P-1', companyId, dealerId: 'CN001' },
    { type: 'UnpackContainer', serial: 'P-1' },
  )
  const scan = (serial: string, scanId: string, more: Omit<Partial<ObserveScan>, 'type'>): SerialCommand => {
    return { type: 'ObserveScan', companyId, serial, scanId, role: 'inspector', ...more }
  }
  plan(
    '2024-12-05',
    14,
    dealer,
    scan('C-1-I1', 'SCAN-1', {
      role: 'outlet',
      dealerId: 'CN001',
      outletId: 'CN001-S1',
      region: 'CN/SH',
      place: shops.near,
    }),
    scan('C-1', 'SCAN-2', { role: 'dealer', dealerId: 'CN001', region: 'CN/SH', device: 'scanner-7' }),
  )
  world.plan(on('2024-12-09', 10), async () => {
    await world.run(
      transferAggregate,
      {
        type: 'RequestTransfer',
        transferId: 'TR-CODES-1',
        companyId,
        from: { party: 'CN001', location: 'STORE' },
        to: { party: 'CN101', location: 'STORE' },
        reason: 'outlet-moved',
        lines: [{ lineNo: 1, sku, quantity: '3' }],
      },
      sales,
    )
    const moved = { serial: 'C-2', companyId, dealerId: 'CN101', transferId: 'TR-CODES-1' }
    await world.run(serialAggregate, { type: 'TransferSerial', ...moved }, sales)
  })
  plan(
    '2024-12-20',
    11,
    sales,
    {
      type: 'ReturnSerial',
      serial: 'C-1-I2',
      companyId,
      dealerId: 'CN001',
      returnId: 'RET-CODES-1',
      reason: 'damaged',
    },
    scan('C-1-I3', 'SCAN-3', { region: 'CN/HB', place: shops.far, accuracyMetres: 25, device: 'inspector-2' }),
    scan('NO-SUCH-CODE', 'SCAN-4', { region: 'CN/HB', place: shops.far, accuracyMetres: 25, device: 'inspector-2' }),
    scan('C-1-I1', 'SCAN-5', { role: 'consumer', region: 'CN/SH', place: shops.near, accuracyMetres: 1500 }),
  )
  for (let month = '2024-12'; month <= lastMonth; month = addDays(`${month}-28`, 4).slice(0, 7)) {
    const serial = `C-${month}`
    const to = month.endsWith('2') || month.endsWith('5') ? 'CN002' : 'CN001'
    plan(
      `${month}-16`,
      10,
      warehouse,
      { type: 'CommissionSerial', serial, companyId, kind: 'case', sku, children: items(serial) },
      ...items(serial).map((one) => item(one, serial)),
      { type: 'ShipSerial', serial, companyId, dealerId: to },
    )
    plan(
      `${month}-21`,
      10,
      { ...dealer, id: `buyer-${to}` },
      { type: 'ReceiveSerial', serial, companyId, dealerId: to },
    )
    plan(
      `${month}-27`,
      16,
      sales,
      scan(`${serial}-I1`, `SCAN-${month}-1`, {
        role: 'consumer',
        region: 'CN/SH',
        place: shops.near,
        accuracyMetres: 1200,
      }),
      scan(`${serial}-I2`, `SCAN-${month}-2`, { region: 'CN/SH', place: shops.near, accuracyMetres: 20 }),
    )
  }
}

type ObserveScan = Extract<SerialCommand, { type: 'ObserveScan' }>
