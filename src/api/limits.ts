import { createHash } from 'node:crypto'
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance } from 'fastify'
import { type AdaptiveLimit, createAdaptiveLimit } from './adaptiveLimit.ts'
import { type Admission, createAdmission } from './admission.ts'
import type { RequestKind } from './metrics.ts'
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

/** What a request does first: a slow question must not hold up commands, nor the other way round. */
const kindOf = (method: string): RequestKind => (method === 'GET' || method === 'HEAD' ? 'queries' : 'commands')

/**
 * More requests than the process can work on are turned away at once with 503 and `Retry-After`, so that those accepted stay
 * quick. It is the first thing that is decided of a request: turning away costs next to nothing.
 */
function limitConcurrency(app: FastifyInstance, { settings, metrics }: ApiPorts): void {
  const { maxConcurrentRequests, commandsAtWork, queriesAtWork } = settings
  const limits: Readonly<Record<RequestKind, AdaptiveLimit>> = {
    commands: createAdaptiveLimit(commandsAtWork),
    queries: createAdaptiveLimit(queriesAtWork),
  }
  const admissionOf = (kind: RequestKind): Admission =>
    createAdmission({ atWork: () => limits[kind].value, waiting: maxConcurrentRequests }, () => performance.now())
  const admissions = { commands: admissionOf('commands'), queries: admissionOf('queries') }
  let underWay = 0
  app.addHook('onRequest', async (request, reply) => {
    const { url, config } = request.routeOptions
    if (probes.has(url) || config.isLive) return
    const kind = kindOf(request.method)
    const admission = admissions[kind]
    const show = (): void => metrics.underWay(kind, admission.atWork, admission.waiting)
    const turnAway = (): never => {
      metrics.turnedAway(kind)
      throw new Problem('server.busy', {}, 1)
    }
    if (underWay >= maxConcurrentRequests) turnAway()
    underWay += 1
    let [isOver, isIn] = [false, false]
    let since = 0
    const leave = (): void => {
      // a refusal took no work, and who asks for a later position waits for others
      if (reply.statusCode < 400 && !request.raw.url?.includes('atLeast='))
        limits[kind].note(
          `${request.method} ${url ?? ''}`,
          performance.now() - since,
          admission.atWork,
          admission.waiting > 0,
        )
      admission.leave()
    }
    const end = (): void => {
      if (isOver) return
      isOver = true
      underWay -= 1
      if (isIn) leave()
      show()
    }
    // answered, or the caller went away before
    reply.raw.once('finish', end)
    reply.raw.once('close', end)
    isIn = await admission.enter()
    since = performance.now()
    show()
    if (!isIn) turnAway()
    // it went away while it waited
    if (isOver) admission.leave()
  })
}
