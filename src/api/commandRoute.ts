import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Right, Role } from '../domain/access/role.ts'
import { businessTime, instantOf } from '../domain/kernel/businessTime.ts'
import type { AnyAggregate, CommandDefinition } from '../domain/kernel/decider.ts'
import { businessTime as businessTimeField } from '../domain/kernel/fields.ts'
import { canonicalJson } from '../ledger/canonicalJson.ts'
import { derivedId } from '../ledger/commandIds.ts'
import type { CommandMeta, Outcome } from '../ledger/commands.ts'
import { noStream } from '../ledger/eventStore.ts'
import type { ApiPorts, Principal } from './ports.ts'
import { invalid, Problem } from './problem.ts'

/** A command as the API offers it. Written out per capability in `routes/`; tests, OpenAPI and the access matrix are made from it. */
export interface CommandRoute {
  readonly method: 'POST' | 'PUT' | 'DELETE' | 'PATCH'
  /** Fastify pattern; its parameters are fields of the command */
  readonly path: string
  readonly command: CommandDefinition<string, z.ZodObject>
  readonly aggregate: AnyAggregate
  readonly summary: string
  /**
   * `create`: nothing to have seen before. `change`: If-Match with the revision that the caller has seen. `record`: an addition that
   * is right whatever came before; it may say when it happened (`occurredAt`, not in the future).
   */
  readonly kind: 'create' | 'change' | 'record'
  /** who may give it; a dealer's staff need `right` as well and act for their own dealer only */
  readonly roles: readonly Role[]
  readonly right?: Right
  /** the field that names the new object; made from the idempotency key when the body has none */
  readonly idField?: string
  /** fields that a dealer's staff do not choose: they get their own dealer */
  readonly ownDealerFields?: readonly string[]
  /** fields that the server fills, in their order, and the body may not hold; they may look things up */
  readonly given?: Readonly<Record<string, (call: Call) => unknown>>
  /** what a dealer's staff may not ask for although the schema allows it: throws a problem */
  readonly mayDealer?: (call: Call, command: Readonly<Record<string, unknown>>) => Promise<void>
  /** what the decision cannot see and a reader can: throws a problem */
  readonly check?: (call: Call, command: Readonly<Record<string, unknown>>) => Promise<void>
  /** what only the answer of the command that wrote something holds, such as a secret; a repeat must give the same */
  readonly shown?: (call: Call, command: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>
  readonly shownSchema?: z.ZodObject
}

/** One call of a command route. */
export interface Call {
  readonly ports: ApiPorts
  readonly principal: Principal
  /** method and pattern: with the principal the scope of the idempotency key */
  readonly routeName: string
  readonly key: string
  /** path parameters and body, checked */
  readonly sent: Readonly<Record<string, unknown>>
}

export const commandAnswer = z.object({
  id: z.string(),
  stream: z.string(),
  revision: z.int(),
  position: z.string().describe('consistency token: give it as `atLeast` to a query that must see this command'),
  events: z
    .array(z.object({ id: z.string(), type: z.string(), revision: z.int() }))
    .describe('what the command wrote; empty when there was nothing to do'),
})

const idempotencyKey = z.string().regex(/^[\x21-\x7e]{1,200}$/)
/** Loose: what passes here are the headers that later hooks see. Absence has a problem of its own, so neither is required here. */
const keyHeader = {
  'idempotency-key': z
    .string()
    .optional()
    .describe('1 to 200 printable characters; repeat the request with the same key for the same answer'),
}
export const recordHeaders = z.looseObject(keyHeader)
const changeHeaders = z.looseObject({
  ...keyHeader,
  'if-match': z.string().optional().describe('the revision you have seen, as an ETag, such as "7"'),
  'if-none-match': z
    .string()
    .optional()
    .describe('`*` instead of If-Match: there was nothing yet, such as before a first price'),
})

/** Names of a pattern's parameters. */
export function parametersOf(path: string): string[] {
  return [...path.matchAll(/:(\w+)/g)].map((match) => match[1] ?? '')
}

export function commandRoute(app: FastifyInstance, ports: ApiPorts, route: CommandRoute): void {
  const parameters = parametersOf(route.path)
  const fields = route.command.schema.shape
  const answer = route.shownSchema ? commandAnswer.extend(route.shownSchema.partial().shape) : commandAnswer
  app.route({
    method: route.method,
    url: route.path,
    config: { access: { roles: route.roles, right: route.right } },
    schema: {
      operationId: route.command.name,
      summary: route.summary,
      tags: [route.aggregate.category],
      headers: route.kind === 'change' ? changeHeaders : recordHeaders,
      ...(parameters.length > 0 && {
        params: z.strictObject(Object.fromEntries(parameters.map((name) => [name, onTheWire(fieldOf(fields, name))]))),
      }),
      body: bodySchema(route, parameters),
      response: route.kind === 'create' ? { 200: answer, 201: answer } : { 200: answer },
    },
    // a command whose fields all stand in the path needs no body
    preValidation: async (request) => {
      request.body ??= {}
    },
    handler: (request, reply) => handle(ports, route, request, reply),
  })
}

function fieldOf(fields: Readonly<Record<string, z.ZodType>>, name: string): z.ZodType {
  const field = fields[name]
  if (!field) throw new Error(`the path parameter ${name} is not a field of the command`)
  return field
}

/** Path parameters come as text: a number is written in digits. */
function onTheWire(field: z.ZodType): z.ZodType {
  if (!(field instanceof z.ZodNumber)) return field
  return z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(field)
}

/** The command's fields less those of the path and those that the server gives; the id may be left out where a key names it. */
function bodySchema(route: CommandRoute, parameters: readonly string[]): z.ZodObject {
  const hidden = new Set([...parameters, ...Object.keys(route.given ?? {})])
  const own = Object.entries<z.ZodType>(route.command.schema.shape).filter(([name]) => !hidden.has(name))
  const isOptional = (name: string): boolean => name === route.idField || (route.ownDealerFields ?? []).includes(name)
  const shape = Object.fromEntries(own.map(([name, field]) => [name, isOptional(name) ? field.optional() : field]))
  return z.strictObject({ ...shape, ...(route.kind === 'record' && { occurredAt: occurredAtField }) })
}

const occurredAtField = businessTimeField.optional().describe('when it happened, if not now')

/** The business time of the command: now, or what a record says; never the future. */
function timeOf(ports: ApiPorts, route: CommandRoute, sent: Call['sent']): string {
  const given = route.kind === 'record' ? businessTimeField.optional().parse(sent['occurredAt']) : undefined
  if (given === undefined) return businessTime(ports.now(), 'UTC')
  if (instantOf(given) > ports.now()) throw invalid('body.occurredAt', 'lies in the future')
  return given
}

async function handle(
  ports: ApiPorts,
  route: CommandRoute,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (ports.isReadOnly()) throw new Problem('ledger.disk_full')
  const { principal } = request
  const routeName = `${route.method} ${route.path}`
  // both were checked by their schemas, and share no name
  const sent = { ...(request.params as Record<string, unknown>), ...(request.body as Record<string, unknown>) }
  const call = { ports, principal, routeName, key: readKey(request), sent }
  const expectedRevision = route.kind === 'change' ? readRevision(request) : undefined
  const command = await completeCommand(route, call)
  if (principal.role === 'dealer') await route.mayDealer?.(call, command)
  await route.check?.(call, command)
  const meta: CommandMeta = {
    ...metaOf(call, request),
    at: timeOf(ports, route, sent),
    ...(expectedRevision !== undefined && { expectedRevision }),
  }
  const outcome = await ports.handler.execute(route.aggregate, command, meta)
  const shown = outcome.ok && outcome.events.length > 0 ? route.shown?.(call, command) : undefined
  return sendOutcome(reply, outcome, {
    id: route.command.id(command),
    isCreation: route.kind === 'create',
    ...(shown && { shown }),
  })
}

/** What every command that comes over HTTP carries: it happens now, is given by its caller, and is never an import. */
export function metaOf({ ports, principal, routeName, key }: Call, request: FastifyRequest): CommandMeta {
  const requestHash = createHash('sha256').update(canonicalRequest(request)).digest('hex')
  return {
    at: businessTime(ports.now(), 'UTC'),
    actor: principal.id,
    source: { kind: 'command' },
    correlationId: request.id,
    idempotency: { principal: principal.id, route: routeName, key, requestHash },
    ...(principal.role === 'dealer' && { onBehalfOf: principal.dealerId ?? '' }),
  }
}

/** Throws what no store could keep: lone surrogates, numbers without an end, NUL. */
function canonicalRequest({ params, body }: FastifyRequest): string {
  let text: string
  try {
    // spread: the router makes its parameters of a class of its own
    text = canonicalJson({ params: { ...(params as object) }, body })
  } catch (error) {
    throw invalid('body', error instanceof TypeError ? error.message : 'has no canonical JSON')
  }
  if (/(?<!\\)(?:\\\\)*\\u0000/.test(text)) throw invalid('body', 'a text holds the character U+0000')
  return text
}

async function completeCommand(route: CommandRoute, call: Call): Promise<{ type: string } & Record<string, unknown>> {
  const { principal, sent } = call
  const fields: Record<string, unknown> = { ...sent }
  if (route.kind === 'record') delete fields['occurredAt'] // the command's own time, see timeOf
  for (const field of route.ownDealerFields ?? []) {
    if (principal.role !== 'dealer') continue
    if (fields[field] !== undefined && fields[field] !== principal.dealerId) throw new Problem('object.not_found')
    fields[field] = principal.dealerId
  }
  for (const [name, give] of Object.entries(route.given ?? {})) fields[name] = await give(call)
  if (route.idField !== undefined) fields[route.idField] ??= derivedId(principal.id, call.routeName, call.key)
  const parsed = route.command.schema.safeParse(fields)
  if (parsed.success) return { ...parsed.data, type: route.command.name }
  const issues = parsed.error.issues.map(({ path, message }) => ({ path: ['body', ...path].join('.'), message }))
  throw new Problem('request.invalid', { issues: issues.slice(0, 50) })
}

export function readKey(request: FastifyRequest): string {
  const given = request.headers['idempotency-key']
  if (given === undefined) throw new Problem('idempotency.key_missing')
  const key = idempotencyKey.safeParse(given)
  if (!key.success) throw invalid('headers.idempotency-key', '1 to 200 printable ASCII characters, without spaces')
  return key.data
}

/** `If-Match: "7"`, or `If-None-Match: *` for what is not there yet. */
function readRevision({ headers }: FastifyRequest): number {
  const [given, none] = [headers['if-match'], headers['if-none-match']]
  if (given === undefined && none === '*') return noStream
  if (given === undefined) throw new Problem('revision.required')
  const match = /^"(\d{1,15})"$/.exec(given)
  if (!match || none !== undefined) throw invalid('headers.if-match', 'one strong ETag, such as "7"')
  return Number(match[1])
}

/** The answer of a command: what it wrote, the revision as ETag and the position as consistency token. */
export function sendOutcome(
  reply: FastifyReply,
  outcome: Outcome,
  { id, isCreation, shown }: { readonly id: string; readonly isCreation: boolean; readonly shown?: object },
): FastifyReply {
  if (!outcome.ok) {
    const { refused, details } = outcome.refusal
    throw new Problem(refused, details, worthRepeating.has(refused) ? 1 : undefined)
  }
  const { stream, revision, events } = outcome
  const position = outcome.position.toString()
  if (outcome.replayed) reply.header('idempotency-replayed', 'true')
  return reply
    .code(isCreation && events.length > 0 ? 201 : 200)
    .header('etag', `"${revision}"`)
    .header('channel-ledger-position', position)
    .send({
      id,
      stream,
      revision,
      position,
      events: events.map((event) => ({ id: event.id, type: event.type, revision: event.revision })),
      ...shown,
    })
}

const worthRepeating: ReadonlySet<string> = new Set(['ledger.contention', 'server.busy', 'idempotency.in_flight'])
