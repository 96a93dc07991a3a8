import { instantOf, zoneOf } from '../domain/kernel/businessTime.ts'
import { createProcesses } from './createProcesses.ts'
import type { WorkerPorts } from './ports.ts'
import type { Trouble } from './reactor.ts'
import { runSchedules } from './runSchedules.ts'

/** more rounds than any cascade of reactions needs */
const roundLimit = 1_000

/**
 * Everything that is due at a business instant, until nothing more follows: the reactions to what the log holds and the
 * schedules (deadlines, reservations, waiting orders, periods, rebates). A simulated clock drives the same code as
 * `startWorkers`. Throws what a task throws, at once, and may then be called again; a refused step becomes a dead letter
 * (`ports.progress.deadTasks`).
 */
export async function runDueWork(ports: WorkerPorts, at: string): Promise<void> {
  const then: WorkerPorts = { ...ports, clock: () => instantOf(at), zone: zoneOf(at) }
  let trouble: Trouble | undefined
  const { reactor, context } = createProcesses(then, {
    sleep: async () => {
      throw trouble?.error ?? new Error('a task waits')
    },
    onTrouble: (told) => {
      trouble = told
    },
    limits: { lanes: 1 },
  })
  for (let round = 0; round < roundLimit; round += 1) {
    const before = await ports.store.head()
    if ((await reactor.drain()) === 'standby') throw new Error('another reader holds the processes')
    await runSchedules(context, at)
    if ((await ports.store.head()) === before) return
  }
  throw new Error(`the work due at ${at} does not come to an end`)
}
