import fastify, { type FastifyInstance } from 'fastify'
import type { Metrics } from './metrics.ts'

/** `/metrics` on a port of its own, which belongs on the loopback or an inner network: it needs no key. */
export function buildMetrics(metrics: Metrics): FastifyInstance {
  const app = fastify({ logger: false, return503OnClosing: true })
  app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()))
  return app
}
