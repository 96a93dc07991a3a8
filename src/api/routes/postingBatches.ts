import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { identifier } from '../../domain/kernel/fields.ts'
import { batchText, type Posting } from '../../domain/postings/batchText.ts'
import { postingRole } from '../../domain/postings/postingRole.ts'
import { postingsAggregate } from '../../domain/postings/postings.ts'
import { createBoundedCache } from '../../ledger/boundedCache.ts'
import { askOne } from '../../projections/engine/query.ts'
import { postingsModel } from '../../projections/models/postings/model.ts'
import { oneBatch } from '../../projections/models/postings/queries.ts'
import { readPostings } from '../../projections/models/postings/readPostings.ts'
import { csvAnswer, sendCsv } from '../csvAnswer.ts'
import type { ApiPorts } from '../ports.ts'
import { Problem } from '../problem.ts'
import { accessTo } from '../queryRoute.ts'

const params = z.strictObject({
  companyId: identifier,
  batchNo: z.string().regex(/^[1-9]\d{0,6}$/),
})
const page = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  after: z.coerce.number().int().min(0).max(10_000_000).default(0).describe('`next` of the page before'),
})
const answer = z.object({
  hash: z.string().describe('SHA-256 of the batch as CSV, as exported'),
  verified: z.boolean().describe('what is shown here has this hash'),
  items: z.array(
    z.object({
      entry: z.string(),
      leg: z.int(),
      day: z.string(),
      companyId: z.string(),
      dealerId: z.string(),
      account: z.string(),
      role: postingRole,
      currency: z.string(),
      debit: z.string(),
      credit: z.string(),
      documentId: z.string(),
      detail: z.string().nullable(),
      eventId: z.string(),
      eventType: z.string(),
      reverses: z.string().nullable(),
    }),
  ),
  next: z.int().nullable(),
})
const path = '/v1/posting-exports/:companyId/:batchNo'

interface Fetched {
  readonly postings: readonly Posting[]
  readonly text: string
  readonly hash: string
  readonly isVerified: boolean
  readonly accounts: ReadonlyMap<string, string>
}

/** A batch as it left, whenever it is fetched: its postings follow from the log and the chart of its version. */
export function postingBatchRoutes(app: FastifyInstance, ports: ApiPorts): void {
  const access = accessTo({ audience: 'finance', owner: 'shared' })
  const tags = [postingsModel.name]
  const held = createBoundedCache<Fetched>({ capacity: 5 })

  async function fetched(request: FastifyRequest): Promise<Fetched> {
    const { companyId, batchNo } = request.params as z.infer<typeof params> // checked by its schema
    const { row } = await askOne(ports.readerOf(postingsModel), oneBatch, { companyId, batchNo }, {})
    if (!row) throw new Problem('object.not_found')
    const { hash, chartVersion, after, upTo } = row
    const known = held.get(hash)
    if (known) return known
    const chart = (await ports.handler.load(postingsAggregate, companyId)).charts[chartVersion - 1]
    if (!chart) throw new Error(`batch ${batchNo} of ${companyId} names a chart that the log does not have`)
    const { postings } = await readPostings(ports, { companyId, after: BigInt(after), upTo: BigInt(upTo) })
    const text = batchText(postings, chart)
    const accounts = new Map(chart.map(({ role, account }) => [role, account]))
    const isVerified = createHash('sha256').update(text).digest('hex') === hash
    const found = { postings, text, hash, isVerified, accounts }
    held.set(hash, found)
    return found
  }

  app.route({
    method: 'GET',
    url: `${path}/postings`,
    config: { access },
    schema: {
      operationId: 'postings.ofBatch',
      summary: 'The postings of a batch, with the accounts of its chart; minor units',
      tags,
      params,
      querystring: page,
      response: { 200: answer },
    },
    handler: async (request): Promise<z.infer<typeof answer>> => {
      const { limit, after } = request.query as z.infer<typeof page> // checked by its schema
      const { postings, hash, isVerified, accounts } = await fetched(request)
      const items = postings.slice(after, after + limit).map((one) => ({
        entry: one.position.toString(),
        leg: one.legNo,
        day: one.occurredAt.slice(0, 10),
        companyId: one.companyId,
        dealerId: one.dealerId,
        account: accounts.get(one.role) ?? '',
        role: one.role,
        currency: one.currency,
        debit: one.amount > 0n ? one.amount.toString() : '0',
        credit: one.amount < 0n ? (-one.amount).toString() : '0',
        documentId: one.documentId,
        detail: one.detail ?? null,
        eventId: one.eventId,
        eventType: one.eventType,
        reverses: one.reverses ?? null,
      }))
      return { hash, verified: isVerified, items, next: after + limit < postings.length ? after + limit : null }
    },
  })
  app.route({
    method: 'GET',
    url: `${path}/csv`,
    config: { access },
    schema: {
      operationId: 'postings.batchCsv',
      summary: 'A batch as CSV: the bytes that its hash is taken over',
      tags,
      params,
      response: { 200: csvAnswer },
    },
    handler: async (request, reply) => {
      const { companyId, batchNo } = request.params as z.infer<typeof params> // checked by its schema
      return sendCsv(reply, `postings-${companyId}-${batchNo}`, (await fetched(request)).text)
    },
  })
}
