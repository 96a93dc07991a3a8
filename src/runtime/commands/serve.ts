import type { Command } from '../commandLine.ts'
import { openService } from '../service.ts'
import { untilAborted } from '../untilAborted.ts'

export const serveCommand: Command = {
  name: 'serve',
  summary: 'Run the API; read models and processes are fed by `worker`',
  usage: ['serve'],
  async run({ settings, signal, err }) {
    const service = await openService({ settings, roles: ['api'] })
    err.write(`listening on ${service.url}, metrics on ${service.metricsUrl}\n`)
    await untilAborted(signal)
    await service.stop()
    return 0
  },
}
