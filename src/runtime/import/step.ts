import type { Aggregate, Foldable } from '../../domain/kernel/decider.ts'
import { isBusinessTime, isCalendarDate, businessTime, startOfDay } from '../../domain/kernel/businessTime.ts'
import { isCurrency, roundToMinor } from '../../domain/kernel/currency.ts'
import { isDecimal, parseDecimal } from '../../domain/kernel/decimal.ts'
import type { CommandMeta } from '../../ledger/commands.ts'
import { createBoundedCache } from '../../ledger/boundedCache.ts'
import { eitherFact, factOf, type Fact } from '../../ledger/fact.ts'

/** A value that does not have the shape of its field. */
export interface Issue {
  readonly field: string
  readonly rule: string
}

/** One command that a document becomes, past its schema. */
export interface Step {
  /** tells the commands of one document apart in their ids; empty for the main one */
  readonly part: string
  /** business time, RFC 9557 */
  readonly at: string
  /** why it is no command; it has no fact then */
  readonly issues: readonly Issue[]
  readonly fact: (meta: CommandMeta) => Fact
}

/** `input` is checked against the command's schema; keys that are undefined are left out. */
export function step<C extends { type: string }, E extends { type: string; data: unknown }, S, G>(
  aggregate: Aggregate<C, E, S, G>,
  type: C['type'],
  input: Readonly<Record<string, unknown>>,
  at: string,
  part = '',
): Step {
  const definition = aggregate.commands.find(({ name }) => name === type)
  if (!definition) throw new TypeError(`${type} is not a command of ${aggregate.category}`)
  const parsed = definition.schema.safeParse(given(input))
  const issues = parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), rule: message }))
  if (!isBusinessTime(at)) issues.push({ field: 'at', rule: 'a date YYYY-MM-DD or an RFC 9557 time' })
  // what the schema of this name gives back is the command of this name
  const command = { type, ...(parsed.data as object) } as C
  return { part, at, issues, fact: (meta) => factOf(aggregate, command, meta) }
}

/** The one stands for an object that is not known yet, the other for a known one; both come from one row. */
export function firstOrNext<S>(first: Step, next: Step, aggregate: Foldable<S>, isKnown: (state: S) => boolean): Step {
  return { ...first, fact: (meta) => eitherFact(first.fact(meta), next.fact(meta), aggregate, isKnown) }
}

/** Without the keys that are undefined. */
export function given(input: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const defined: Record<string, unknown> = {}
  for (const key of Object.keys(input)) if (input[key] !== undefined) defined[key] = input[key]
  return defined
}

// What a field of a row says. Text that does not fit is handed on as it is: the schema then refuses it and says why.

/** Many rows are of one day. */
const days = createBoundedCache<string>({ capacity: 1_000 })

/** A date stands for its first instant in the zone; an RFC 9557 time for itself. */
export function timeOf(text: string | undefined, zone: string): string {
  if (text === undefined) return ''
  const name = `${text} ${zone}`
  const known = days.get(name)
  if (known !== undefined) return known
  const time = isCalendarDate(text) ? businessTime(startOfDay(text, zone), zone) : text
  days.set(name, time)
  return time
}

export function wholeOf(text: string | undefined): number | string | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : text
}

export function flagOf(text: string | undefined): boolean | string | undefined {
  return text === 'true' ? true : text === 'false' ? false : text
}

export function listOf(text: string | undefined): string[] | undefined {
  return text?.split('|').map((item) => item.trim())
}

/** Quantities and amounts without zeros that say nothing: `12.3400` is `12.34`. */
export function decimalOf(text: string | undefined): string | undefined {
  return text?.includes('.') === true && /^-?\d+\.\d+$/.test(text) ? text.replace(/\.?0+$/, '') : text
}

/** `12.50` in a currency of two digits is 1250 minor units; more digits than the currency has are left for the schema to refuse. */
export function minorOf(text: string | undefined, currency: string | undefined): string | undefined {
  if (text === undefined || currency === undefined || !isCurrency(currency) || !isDecimal(text)) return text
  const { value, remainder } = roundToMinor(parseDecimal(text), currency, 'down')
  return remainder === 0n ? value.toString() : text
}

export function labelOf(en: string | undefined, zh: string | undefined): Record<string, string> {
  return { ...(en !== undefined && { en }), ...(zh !== undefined && { 'zh-CN': zh }) }
}
