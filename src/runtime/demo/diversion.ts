import { startOfDay } from '../../domain/kernel/businessTime.ts'
import type { SerialCommand } from '../../domain/serials/commands.ts'
import { serialAggregate } from '../../domain/serials/serial.ts'
import { demoProducts } from './catalogue.ts'
import { eachCase } from './eachCase.ts'
import { finance, sales, warehouse } from './names.ts'
import { company, hour, type Actor, type World } from './world.ts'

const companyId = company
const dealerId = 'EU011'
const zone = 'Europe/Berlin'
const buyer: Actor = { id: `buyer-${dealerId}`, zone }
const inspector = { role: 'inspector', region: 'PL/MZ', accuracyMetres: 20, device: 'inspector-4' } as const
const warsaw = { latitude: '52.23', longitude: '21.01' }

/** Goods that went to a dealer in Munich are found in Warsaw again and again: a case that is put to it, answered and confirmed. */
export function planDiversion(world: World): void {
  const on = (date: string, at: number, action: () => Promise<void>): void =>
    world.plan(startOfDay(date, zone) + at * hour, action)
  const run = async (by: Actor, ...commands: readonly SerialCommand[]): Promise<void> => {
    for (const command of commands) await world.run(serialAggregate, command, by)
  }
  const sku = demoProducts[0]?.sku ?? ''
  const codes = [1, 2, 3, 4, 5].map((n) => `G-${String(n)}`)
  on('2024-12-30', 10, () =>
    run(
      warehouse,
      ...codes.flatMap((serial): SerialCommand[] => [
        { type: 'CommissionSerial', serial, companyId, kind: 'item', sku, lot: 'L2412', children: [] },
        { type: 'ShipSerial', serial, companyId, dealerId },
      ]),
    ),
  )
  for (const [n, serial] of codes.entries())
    on('2025-01-13', 10 + n, () =>
      run(sales, { type: 'ObserveScan', companyId, serial, scanId: `SCAN-${serial}`, ...inspector, place: warsaw }),
    )
  const kind = 'DIVERSION'
  on('2025-01-15', 10, () =>
    eachCase(world, { dealerId, status: 'detected', kind }, sales, (one) => ({ type: 'NotifyViolation', ...one })),
  )
  const explanation = 'A customer of ours sold them on; we no longer supply him'
  on('2025-01-17', 14, () =>
    eachCase(world, { dealerId, status: 'notified', kind }, buyer, (one) => ({
      type: 'ExplainViolation',
      ...one,
      explanation,
    })),
  )
  on('2025-01-21', 10, () =>
    eachCase(world, { dealerId, status: 'explained', kind }, finance, (one) => ({ type: 'ConfirmViolation', ...one })),
  )
}
