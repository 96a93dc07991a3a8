import { createProcesses } from './createProcesses.ts'
import type { WorkerPorts } from './ports.ts'

/**
 * For a log whose processes have run elsewhere (a copied or restored one): notes what the schedules have to come back to and
 * reacts to nothing up to `position`. False when another process holds the lease.
 */
export function skipHistory(ports: WorkerPorts, position: bigint): Promise<boolean> {
  const { reactor } = createProcesses(ports, { sleep: async () => undefined })
  return reactor.skipTo(position)
}
