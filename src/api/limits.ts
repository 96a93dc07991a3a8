import { createHash } from 'node:crypto'
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance } from 'fastify'
import type { ApiPorts } from './ports.ts'
import { Problem } from './problem.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** a stream that stays open: it has a bound of its own */
    isLive?: true
  }
}

/** Probes are answered however busy the process is. */
export const probes: ReadonlySet<string | undefined> = new Set(['/healthz', '/readyz'])

/** Requests a minute per key (or address) and route, and requests at the same time. Before any route. */
export async function addLimits(app: FastifyInstance, ports: ApiPorts): Promise<void> {
  limitConcurrency(app, ports)
  await app.register(rateLimit, {
    max: ports.settings.rateLimitPerMinute,
    timeWindow: 60_000,
    allowList: (request) => probes.has(request.routeOptions.url),
    keyGenerator: ({ headers, ip, method, routeOptions }) =>
      `${headers.authorization === undefined ? ip : createHash('sha256').update(headers.authorization).digest('base64')} ${method} ${routeOptions.url ?? ''}`,
    errorResponseBuilder: (_request, { ttl }) =>
      new Problem('request.rate_limited', {}, Math.max(1, Math.ceil(ttl / 1000))),
  })
}

/** More requests than the process can hold are turned away at once, so that those accepted stay quick. */
function limitConcurrency(app: FastifyInstance, ports: ApiPorts): void {
  let underWay = 0
  app.addHook('onRequest', async (request, reply) => {
    const { url, config } = request.routeOptions
    if (probes.has(url) || config.isLive) return
    if (underWay >= ports.settings.maxConcurrentRequests) throw new Problem('server.busy', {}, 1)
    underWay += 1
    let isOver = false
    const end = (): void => {
      if (!isOver) underWay -= 1
      isOver = true
    }
    // answered, or the caller went away before
    reply.raw.once('finish', end)
    reply.raw.once('close', end)
  })
}
