import type { EventStore } from '../../src/ledger/eventStore.ts'
import { exportView } from '../../src/projections/analytics/exportView.ts'
import { listParked, retryParked, skipParked } from '../../src/projections/engine/parking.ts'
import { projectionStatus } from '../../src/projections/engine/status.ts'
import { readModels } from '../../src/projections/registry.ts'
import { openTestApi, staffDirectory, type Staff, type StaffName, type TestApi } from './api.ts'
import { demoLog } from './demo.ts'
import { growChannel, grownNow, type GrownChannel } from './grownChannel.ts'
import { openReadModels, type OpenReadModels } from './readModels.ts'

/**
 * Staff of two dealers that deal with each other in nothing, in the roles of design.md §7. The first one has dealers
 * below it, so that its account is a group's.
 */
export const grownStaff = {
  admin: { role: 'admin' },
  sales: { role: 'sales' },
  finance: { role: 'finance' },
  analyst: { role: 'analyst' },
  auditor: { role: 'auditor' },
  supplier: { role: 'supplier' },
  d1: { role: 'dealer', dealerId: 'CN001', rights: ['orders', 'stock', 'finance', 'staff'] },
  d2: { role: 'dealer', dealerId: 'EU001', rights: ['orders', 'stock', 'finance', 'staff'] },
  clerk: { role: 'dealer', dealerId: 'CN001', rights: [] },
} as const satisfies Record<StaffName, Staff>

export interface GrownApi extends TestApi {
  readonly channel: GrownChannel
  readonly models: OpenReadModels
  /** Folds what has happened since into all read models. Throws what an event that cannot be folded throws. */
  project(): Promise<void>
}

/** The API over the grown channel: ledger in memory, read models in PostgreSQL, filled. `around` stands between API and store. */
export async function openGrownApi(
  options: { readonly around?: (store: EventStore) => EventStore } & Parameters<typeof openTestApi>[0] = {},
): Promise<GrownApi> {
  const { around = (store: EventStore) => store, ...more } = options
  const channel = await growChannel()
  const models = await openReadModels(readModels, grownNow)
  const { store, keyring } = channel
  await models.fold(channel.log)
  const { pool } = models
  const api = await openTestApi({
    store: around(store),
    keyring,
    now: () => grownNow,
    readerOf: (model) => models.reader(model),
    directory: staffDirectory(grownStaff),
    exportView: (view, territories) => exportView(pool, view, territories),
    projections: {
      status: () => projectionStatus(pool, store, grownNow),
      parked: (limit) => listParked(pool, limit),
      retry: (model, stream) => retryParked({ pool, store, model, stream, upcast: (event) => event }),
      skip: (model, position, by) => skipParked(pool, model.name, position, by),
    },
    demonstration: () => ({
      done: 1,
      total: 1,
      principals: [{ id: 'dealer-wang', name: '王伟', role: 'dealer', dealerId: 'CN001', rights: ['orders'] }],
    }),
    ...more,
  })
  return {
    ...api,
    get store() {
      return api.store
    },
    channel,
    models,
    project: async () => models.extend(await demoLog(channel)),
    async close() {
      await api.close()
      await models.close()
    },
  }
}
