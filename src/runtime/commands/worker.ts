import type { Command } from '../commandLine.ts'
import { openService } from '../service.ts'
import { untilAborted } from '../untilAborted.ts'

export const workerCommand: Command = {
  name: 'worker',
  summary: 'Feed the read models and run what happens by itself; any number of processes',
  usage: ['worker'],
  async run({ settings, signal, err }) {
    const service = await openService({ settings, roles: ['worker'] })
    await service.startWorkers()
    err.write(`working, metrics on ${service.metricsUrl}\n`)
    await untilAborted(signal)
    await service.stop()
    return 0
  },
}
