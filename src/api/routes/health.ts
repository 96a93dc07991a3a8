import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { ModelStatus } from '../../projections/engine/status.ts'
import type { ApiPorts } from '../ports.ts'
import { modelStatus, statusOf } from './projections.ts'

const checkMilliseconds = 2_000
const health = z.object({ status: z.literal('ok') })
const readiness = z.object({
  status: z.enum(['ready', 'not ready']),
  reasons: z.array(z.string()).describe('`draining`, `ledger`, `database`, `behind:<model>`, `missing:<model>`'),
})
const about = z.object({
  name: z.literal('channel-ledger'),
  version: z.string(),
  mode: z.enum(['development', 'production']),
  store: z.enum(['memory', 'postgres', 'eventstoredb']),
  readOnly: z.boolean(),
  demonstration: z.object({ done: z.int(), total: z.int() }).nullable(),
  models: z.array(modelStatus).nullable().describe('null in production: see /v1/projections'),
})

/** Alive, ready, and what runs here. */
export function healthRoutes(app: FastifyInstance, ports: ApiPorts): void {
  const tags = ['health']
  app.route({
    method: 'GET',
    url: '/healthz',
    config: { open: true },
    schema: { operationId: 'healthz', summary: 'The process is alive', tags, response: { 200: health } },
    handler: async () => ({ status: 'ok' }),
  })
  app.route({
    method: 'GET',
    url: '/readyz',
    config: { open: true },
    schema: {
      operationId: 'readyz',
      summary: 'The ledger and the database answer, and the read models keep up',
      tags,
      response: { 200: readiness, 503: readiness },
    },
    handler: async (_request, reply) => {
      const reasons = await reasonsNotToBeReady(ports)
      return reply
        .code(reasons.length === 0 ? 200 : 503)
        .send({ status: reasons.length === 0 ? 'ready' : 'not ready', reasons })
    },
  })
  app.route({
    method: 'GET',
    url: '/v1/about',
    config: { open: true },
    schema: { operationId: 'about', summary: 'What is running here', tags, response: { 200: about } },
    handler: async () => aboutThis(ports),
  })
}

export async function aboutThis(ports: ApiPorts): Promise<z.infer<typeof about>> {
  const { version, mode } = ports.settings
  const { done, total } = ports.demonstration?.() ?? { done: 0, total: 0 }
  return {
    name: 'channel-ledger',
    version,
    mode,
    store: ports.store.kind,
    readOnly: ports.isReadOnly(),
    demonstration: ports.demonstration ? { done, total } : null,
    models: mode === 'production' ? null : await inTime(statusOf(ports)).catch(() => []),
  }
}

async function reasonsNotToBeReady(ports: ApiPorts): Promise<string[]> {
  if (ports.isDraining()) return ['draining']
  const [ledger, models] = await Promise.all([
    inTime(ports.store.head()).then(
      () => [],
      () => ['ledger'],
    ),
    inTime(ports.projections.status()).then(
      (status) => lagging(status, ports.settings.readyWithinSeconds),
      () => ['database'],
    ),
  ])
  return [...ledger, ...models]
}

/** Models whose active generation is too far behind, and those that have none yet. */
function lagging(status: readonly ModelStatus[], within: number): string[] {
  const active = status.filter(({ state }) => state === 'active')
  const missing = status.filter(({ model }) => !active.some((one) => one.model === model))
  return [
    ...active.filter(({ secondsBehind }) => secondsBehind > within).map(({ model }) => `behind:${model}`),
    ...missing.map(({ model }) => `missing:${model}`),
  ]
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  const timer = new AbortController()
  const late = sleep(checkMilliseconds, undefined, { signal: timer.signal }).then(() => {
    throw new Error('no answer in time')
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    timer.abort()
    late.catch(() => undefined) // aborted
  }
}
