import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { streamName } from '../../domain/kernel/fields.ts'
import type { RecordedEvent } from '../../ledger/envelope.ts'
import type { ApiPorts } from '../ports.ts'

const position = z.string().regex(/^\d{1,18}$/)
const limit = z.coerce.number().int().min(1).max(500).default(100)
const querystring = z.strictObject({
  after: position.default('0').describe('a ledger position, exclusive; not with `stream`'),
  types: z
    .string()
    .regex(/^[A-Za-z]{1,64}(,[A-Za-z]{1,64}){0,99}$/)
    .optional()
    .describe('event types, separated by commas'),
  stream: streamName.optional().describe('one stream instead of the whole log'),
  from: z.coerce.number().int().min(0).max(1e15).default(0).describe('with `stream`: the first revision'),
  limit,
})
const event = z.object({
  position: z.string(),
  recordedAt: z.string(),
  format: z.literal(1),
  id: z.string(),
  type: z.string(),
  schemaVersion: z.int(),
  stream: z.string(),
  revision: z.int(),
  occurredAt: z.string(),
  actor: z.string(),
  source: z.record(z.string(), z.string()),
  correlationId: z.string(),
  causationId: z.string().optional(),
  data: z.unknown(),
})

/** `GET /v1/events`: the log itself, as it was written, with personal fields opened or said to be erased. */
export function eventRoute(app: FastifyInstance, ports: ApiPorts): void {
  app.route({
    method: 'GET',
    url: '/v1/events',
    config: { access: { roles: ['admin', 'auditor'] } },
    schema: {
      operationId: 'events.list',
      summary: 'Pages of the log in its order, or of one stream',
      tags: ['events'],
      querystring,
      response: {
        200: z.object({
          items: z.array(event),
          next: z.string().nullable().describe('`after` of the next page, or `from` of a stream; null at the end'),
        }),
      },
    },
    handler: async (request) => {
      const asked = request.query as z.infer<typeof querystring> // checked by its schema
      const page = asked.stream === undefined ? await ofLog(asked) : await ofStream(asked.stream, asked)
      return { items: await Promise.all(page.events.map(shown)), next: page.next }
    },
  })

  async function ofLog({ after, types, limit }: z.infer<typeof querystring>): Promise<Found> {
    const page = await ports.store.readAll({
      after: BigInt(after),
      limit,
      ...(types !== undefined && { types: types.split(',') }),
    })
    return { events: page.events, next: page.atHead ? null : page.position.toString() }
  }

  async function ofStream(stream: string, { from, types, limit }: z.infer<typeof querystring>): Promise<Found> {
    const events = await ports.store.readStream(stream, { from, limit: limit + 1 })
    const wanted = types?.split(',')
    return {
      events: events.slice(0, limit).filter(({ type }) => !wanted || wanted.includes(type)),
      next: events.length > limit ? (from + limit).toString() : null,
    }
  }

  async function shown({ raw: _raw, position, data, ...envelope }: RecordedEvent): Promise<object> {
    return { position: position.toString(), ...envelope, data: await ports.keyring.openEverywhere(data) }
  }
}

interface Found {
  readonly events: readonly RecordedEvent[]
  readonly next: string | null
}
