import { z } from 'zod'
import { addDays, instantOf, isBusinessTime, isCalendarDate, startOfDay } from '../domain/kernel/businessTime.ts'
import type { Moment } from '../projections/engine/ask.ts'
import type { ApiPorts } from './ports.ts'
import { invalid, Problem } from './problem.ts'

/** Query parameters of every question: which moment it is about, and how new the answer must be. */
export const momentParameters = {
  asOf: z
    .string()
    .max(100)
    .optional()
    .describe('what was true then: RFC 9557 or RFC 3339 time, or a date (its last instant in UTC)'),
  knownAt: z.string().max(100).optional().describe('what was known then: a ledger position, a time or a date'),
  atLeast: z
    .string()
    .regex(/^\d{1,19}$/)
    .optional()
    .describe('waits up to 2 s until the answer rests on at least this position (the token of a command)'),
}

const largestPosition = 2n ** 63n - 1n

/** `awaited` is the position that the read model must have reached; 0n for none. Throws problems. */
export async function readMoment(
  { store }: Pick<ApiPorts, 'store'>,
  given: {
    readonly asOf: string | undefined
    readonly knownAt: string | undefined
    readonly atLeast: string | undefined
  },
): Promise<{ moment: Moment; awaited: bigint }> {
  const asOf = given.asOf === undefined ? undefined : readInstant('query.asOf', given.asOf)
  const atLeast = given.atLeast === undefined ? 0n : BigInt(given.atLeast)
  // no command was ever answered with it: nothing to wait for
  if (atLeast > 0n && atLeast > (await store.head())) throw new Problem('request.at_least_invalid')
  if (given.knownAt === undefined) return { moment: { ...(asOf !== undefined && { asOf }) }, awaited: atLeast }
  const knownAt = await readPosition(store, given.knownAt)
  return { moment: { ...(asOf !== undefined && { asOf }), knownAt }, awaited: atLeast > knownAt ? atLeast : knownAt }
}

async function readPosition(store: ApiPorts['store'], text: string): Promise<bigint> {
  if (!/^\d{1,19}$/.test(text)) return store.positionAt(readInstant('query.knownAt', text))
  const position = BigInt(text)
  // what the ledger has not reached is known to nobody
  if (position > largestPosition || position > (await store.head())) throw new Problem('request.known_at_invalid')
  return position
}

/** ms since 1970 */
function readInstant(path: string, given: string): number {
  const text = given.replace(/ (?=\d{2}:\d{2}(\[|$))/, '+') // a plus that was sent without being encoded
  const instant = instantIn(text)
  if (instant === undefined) throw invalid(path, 'an RFC 9557 or RFC 3339 time, or a date')
  return instant
}

function instantIn(text: string): number | undefined {
  if (isCalendarDate(text)) return text.startsWith('9999') ? undefined : startOfDay(addDays(text, 1), 'UTC') - 1
  if (isBusinessTime(text)) return instantOf(text)
  if (!/^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/.test(text)) return undefined
  const instant = Date.parse(text)
  return Number.isNaN(instant) ? undefined : instant
}
