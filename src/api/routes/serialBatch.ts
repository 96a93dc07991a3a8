import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { businessTime, instantOf } from '../../domain/kernel/businessTime.ts'
import { errors } from '../../domain/kernel/errors.ts'
import { businessTime as businessTimeField } from '../../domain/kernel/fields.ts'
import { mapAtOnce } from '../../domain/kernel/mapAtOnce.ts'
import { serialCommands, type SerialCommand } from '../../domain/serials/commands.ts'
import { serialAggregate } from '../../domain/serials/serial.ts'
import type { Outcome } from '../../ledger/commands.ts'
import { metaOf, readKey, recordHeaders } from '../commandRoute.ts'
import type { ApiPorts, Principal } from '../ports.ts'
import { invalid, Problem } from '../problem.ts'
import { goods } from '../roles.ts'
import { scansForItself } from './serials.ts'

/** Entries of a request, and how many of them are decided at once. */
const limit = 500
const atOnce = 16

const entry = z.looseObject({
  type: z.enum(serialCommands.map(({ name }) => name) as [SerialCommand['type'], ...SerialCommand['type'][]]), // never empty
  occurredAt: businessTimeField.optional().describe('when it happened, if not now'),
})
const body = z.strictObject({
  entries: z
    .array(entry)
    .min(1)
    .max(limit)
    .describe(
      'commands with their fields, as the routes under /v1/serials take them, in the order in which they happened',
    ),
})
const answer = z.object({
  recorded: z.int(),
  known: z.int(),
  refused: z.int(),
  entries: z.array(
    z.object({
      serial: z.string(),
      outcome: z.enum(['recorded', 'known', 'refused']),
      events: z.array(z.string()).describe('types of the events'),
      position: z.string().nullable(),
      code: z.string().nullable().describe('why it was refused'),
      title: z.string().nullable(),
    }),
  ),
})
type Answered = z.infer<typeof answer>['entries'][number]
interface Entry {
  readonly command: SerialCommand
  readonly at: string
  /** its place in the request */
  readonly index: number
}

/**
 * `POST /v1/serial-batches`: many commands about codes in one request. Each is decided for itself: what is refused keeps no other from
 * being recorded, and the request may be repeated with its key until all of it is in.
 */
export function serialBatchRoute(app: FastifyInstance, ports: ApiPorts): void {
  app.route({
    method: 'POST',
    url: '/v1/serial-batches',
    config: { access: { roles: goods, right: 'stock' } },
    schema: {
      operationId: 'serials.batch',
      summary: 'Up to 500 commands about codes; each is answered for itself',
      tags: [serialAggregate.category],
      headers: recordHeaders,
      body,
      response: { 200: answer },
    },
    handler: async (request) => {
      if (ports.isReadOnly()) throw new Problem('ledger.disk_full')
      const sent = request.body as z.infer<typeof body> // checked by its schema
      const entries = sent.entries.map((one, index) => entryOf(one, index, ports, request.principal))
      const key = readKey(request)
      const answers = new Map<number, Answered>()
      const give = async ({ command, at, index }: Entry): Promise<void> => {
        const call = { ports, principal: request.principal, routeName: 'POST /v1/serial-batches', key, sent: {} }
        const { idempotency, ...meta } = metaOf(call, request)
        // every entry has a key of its own, so that a repeat takes up those that are not in yet
        const own = idempotency && { idempotency: { ...idempotency, key: `${idempotency.key} ${index}` } }
        const outcome = await ports.handler.execute(serialAggregate, command, { ...meta, at, ...own })
        answers.set(index, answeredOf(command.serial, outcome))
      }
      for (const run of runsOf(entries))
        await mapAtOnce(run, atOnce, async (chain) => {
          for (const one of chain) await give(one)
        })
      const ordered = entries.flatMap(({ index }) => answers.get(index) ?? [])
      const count = (outcome: Answered['outcome']): number => ordered.filter((one) => one.outcome === outcome).length
      return { recorded: count('recorded'), known: count('known'), refused: count('refused'), entries: ordered }
    },
  })
}

function entryOf(
  { type, occurredAt, ...fields }: z.infer<typeof entry>,
  index: number,
  ports: ApiPorts,
  principal: Principal,
): Entry {
  const path = `body.entries.${index}`
  const at = occurredAt ?? businessTime(ports.now(), 'UTC')
  if (instantOf(at) > ports.now()) throw invalid(`${path}.occurredAt`, 'lies in the future')
  if (principal.role === 'dealer' && !ofDealers.has(type)) throw new Problem('auth.forbidden')
  const definition = serialCommands.find(({ name }) => name === type)
  const parsed = definition?.schema.safeParse(principal.role === 'dealer' ? forItself(fields, principal) : fields)
  if (!parsed?.success) {
    const issues = parsed?.error.issues ?? []
    throw new Problem('request.invalid', {
      issues: issues.slice(0, 50).map((issue) => ({ path: [path, ...issue.path].join('.'), message: issue.message })),
    })
  }
  // what the schema of this name gives back is the command of this name
  const command = { ...parsed.data, type } as SerialCommand
  if (principal.role === 'dealer' && command.type === 'ObserveScan') scansForItself(command.role, `${path}.role`)
  return { command, at, index }
}

/** A dealer's staff receive, and scan for themselves and their outlets: as by the single routes. */
const ofDealers: ReadonlySet<SerialCommand['type']> = new Set(['ReceiveSerial', 'ObserveScan'])

function forItself(fields: Readonly<Record<string, unknown>>, { dealerId }: Principal): object {
  if (fields['dealerId'] !== undefined && fields['dealerId'] !== dealerId) throw new Problem('object.not_found')
  return { ...fields, dealerId }
}

/**
 * Entries of one kind that follow one another, as chains of those that name the same code: chains go side by side, runs one after
 * another. Containers are issued before what they hold.
 */
function runsOf(entries: readonly Entry[]): readonly (readonly (readonly Entry[])[])[] {
  const runs: { readonly name: string; readonly chains: Map<string, Entry[]> }[] = []
  for (const one of entries) {
    const { command } = one
    const name = command.type === 'CommissionSerial' ? `${command.type} ${command.kind}` : command.type
    let run = runs.at(-1)
    if (run?.name !== name) runs.push((run = { name, chains: new Map() }))
    const chain = run.chains.get(command.serial)
    if (chain) chain.push(one)
    else run.chains.set(command.serial, [one])
  }
  return runs.map(({ chains }) => [...chains.values()])
}

function answeredOf(serial: string, outcome: Outcome): Answered {
  if (outcome.ok) {
    const { events, position } = outcome
    const types = events.map(({ type }) => type)
    return {
      serial,
      outcome: types.length > 0 ? 'recorded' : 'known',
      events: types,
      position: position.toString(),
      code: null,
      title: null,
    }
  }
  const { refused } = outcome.refusal
  return { serial, outcome: 'refused', events: [], position: null, code: refused, title: errors[refused].en }
}
