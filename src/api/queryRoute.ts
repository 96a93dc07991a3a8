import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import type { Right, Role } from '../domain/access/role.ts'
import { AsOfRefused, type Moment } from '../projections/engine/ask.ts'
import { askOne, askPage, type Audience, InvalidCursor, type Query } from '../projections/engine/query.ts'
import { waitForPosition } from '../projections/engine/waitForPosition.ts'
import { mayCall } from './access.ts'
import { parametersOf } from './commandRoute.ts'
import { openedSchema } from './openedSchema.ts'
import type { ApiPorts, Principal } from './ports.ts'
import { invalid, Problem } from './problem.ts'
import { momentParameters, readMoment } from './readMoment.ts'
import { resources } from './resources.ts'
import { revisionAt } from './revision.ts'
import { readSignedCursor, signCursor } from './signedCursor.ts'

/**
 * Roles behind the audience of a query. A dealer's staff see what is theirs and what is nobody's; a supplier, whom nothing
 * ties to a dealer, only what is nobody's.
 */
export function accessTo({ audience, owner }: Pick<Query, 'audience' | 'owner'>): {
  roles: readonly Role[]
  right?: Right
  keepsTerritories?: boolean
} {
  const access = audiences[audience]
  return owner === 'shared'
    ? { ...access, keepsTerritories: true }
    : { ...access, roles: access.roles.filter((role) => role !== 'supplier') }
}

const audiences: Readonly<Record<Audience, { readonly roles: readonly Role[]; readonly right?: Right }>> = {
  everyone: { roles: ['admin', 'sales', 'finance', 'dealer', 'supplier', 'analyst', 'auditor'] },
  staff: { roles: ['admin', 'sales', 'finance', 'analyst', 'auditor'] },
  finance: { roles: ['admin', 'finance', 'auditor'] },
  administration: { roles: ['admin', 'auditor', 'dealer'], right: 'staff' },
}

const pageParameters = {
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.string().min(1).max(4000).optional().describe('`next` of the page before; it carries the moment on'),
}
const answeredMoment = {
  model: z.object({ name: z.string(), version: z.int() }),
  asOf: z.string().nullable().describe('the business time that was used; null when unbounded'),
  knownAt: z.string().describe('the ledger position that the answer rests on'),
}
const waitMilliseconds = 2000

/** Mounts a question of the read models: its path, parameters, scope and answer. */
export function queryRoute(app: FastifyInstance, ports: ApiPorts, query: Query): void {
  const reader = ports.readerOf(query.model)
  const inPath = parametersOf(query.path)
  const own = Object.entries(query.params.shape).filter(([name]) => !inPath.includes(name) && name !== query.viewer)
  const isList = query.kind === 'list'
  const row = openedSchema(query.row)
  const resource = resources.find(({ path }) => path === query.path)
  app.route({
    method: 'GET',
    url: query.path,
    config: { access: accessTo(query) },
    schema: {
      operationId: query.name,
      summary: query.summary,
      tags: [query.model.name],
      ...(inPath.length > 0 && {
        params: z.strictObject(Object.fromEntries(inPath.map((name) => [name, parameterOf(query, name)]))),
      }),
      querystring: z.strictObject({ ...Object.fromEntries(own), ...momentParameters, ...(isList && pageParameters) }),
      response: {
        200: isList
          ? z.object({ items: z.array(row), next: z.string().nullable(), ...answeredMoment })
          : z.object({ item: row, ...answeredMoment }),
      },
    },
    handler: async (request, reply) => {
      // both checked by their schemas
      const given = { ...(request.params as object), ...(request.query as object) } as Record<string, unknown> & Wire
      const { asOf, knownAt, atLeast, limit = 50, cursor, ...rest } = given
      const params = scopedTo(request.principal, query, rest)
      const objection = query.objection?.(params)
      if (objection) throw invalid(`query.${objection.parameter}`, objection.message)
      const { audienceOf, owner } = query
      if (audienceOf && !mayCall(request.principal, accessTo({ audience: audienceOf(params), owner })))
        throw new Problem('object.not_found')
      return answering(cursor !== undefined, async () => {
        const { moment, awaited } = await readMoment(ports, { asOf, knownAt, atLeast })
        if (awaited > 0n) await waitForPosition(reader, query.model.name, awaited, waitMilliseconds)
        if (isList) return list(request.principal, params, moment, limit, cursor)
        const { row, ...rests } = await askOne(reader, query, params, moment)
        if (row === undefined) throw new Problem('object.not_found')
        const isNow = asOf === undefined && knownAt === undefined
        if (resource && isNow) await addRevision(reply, request.params, rests.knownAt)
        return { item: await ports.keyring.openEverywhere(row), ...wireMoment(rests) }
      })
    },
  })

  async function list(
    principal: Principal,
    params: Record<string, unknown>,
    moment: Moment,
    limit: number,
    cursor: string | undefined,
  ): Promise<object> {
    const from = cursor !== undefined && { cursor: readSignedCursor(ports, principal, query.name, cursor) }
    const page = await askPage(reader, query, params, moment, { limit, ...from })
    const next = page.next === undefined ? null : signCursor(ports, principal, query.name, page.next)
    return { items: await ports.keyring.openEverywhere(page.rows), next, ...wireMoment(page) }
  }

  async function addRevision(reply: FastifyReply, params: unknown, knownAt: bigint): Promise<void> {
    if (!resource) return
    const revision = await revisionAt(ports, resource, params as Record<string, string>, knownAt) // text, by their schema
    if (revision !== undefined) reply.header('etag', `"${revision}"`)
  }
}

interface Wire {
  asOf?: string
  knownAt?: string
  atLeast?: string
  limit?: number
  cursor?: string
}

function parameterOf(query: Query, name: string): z.ZodType {
  const parameter = query.params.shape[name]
  if (!parameter) throw new Error(`${query.name} has no parameter ${name}`)
  return parameter as z.ZodType // the shape of a zod object
}

/** A dealer's staff ask about their own dealer: another one does not exist for them. */
function scopedTo(principal: Principal, query: Query, given: Record<string, unknown>): Record<string, unknown> {
  const params = query.viewer === undefined ? given : { ...given, [query.viewer]: principal.dealerId ?? '' }
  if (query.owner !== 'dealerId' || principal.role !== 'dealer') return params
  if (principal.dealerId === undefined) throw new Problem('object.not_found')
  if (params['dealerId'] !== undefined && params['dealerId'] !== principal.dealerId)
    throw new Problem('object.not_found')
  return { ...params, dealerId: principal.dealerId }
}

/** The errors of the engine as problems. */
async function answering<T>(hasCursor: boolean, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof AsOfRefused) throw new Problem('request.as_of_refused')
    if (error instanceof InvalidCursor) throw new Problem('request.cursor_invalid')
    if (isDataException(error)) throw new Problem(hasCursor ? 'request.cursor_invalid' : 'request.invalid')
    throw error
  }
}

/** Class 22: a value that a column cannot take. A division by zero is our own fault. */
function isDataException(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
  return /^22[0-9A-Z]{3}$/.test(code) && code !== '22012'
}

function wireMoment({
  model,
  asOf,
  knownAt,
}: {
  model: { name: string; version: number }
  asOf: number | undefined
  knownAt: bigint
}): object {
  return { model, asOf: asOf === undefined ? null : new Date(asOf).toISOString(), knownAt: knownAt.toString() }
}
