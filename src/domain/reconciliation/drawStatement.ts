import { instantOf, type Instant } from '../kernel/businessTime.ts'
import { negated, plus } from '../kernel/decimalText.ts'
import type { RecordedEntry } from './entryOf.ts'
import { entryKind, type EntryKind } from './events.ts'

/** Which entries a statement holds: business time [from, until), positions of the log. */
export interface Cut {
  readonly from: Instant
  readonly until: Instant
  /** how far the statement before knew the log; of a first statement its own watermark */
  readonly prior: bigint
  readonly watermark: bigint
}

export interface StatementLine extends Omit<RecordedEntry, 'position' | 'withdrawnAt'> {
  /** from 1 on */
  readonly lineNo: number
  readonly lineId: string
  /** `late`: of an earlier period, recorded after its statement; `withdrawn`: declared in error after its statement */
  readonly record: 'line' | 'late' | 'withdrawn'
  /** owed after it, minor units */
  readonly balance: string
}

export interface DrawnStatement {
  readonly lines: readonly StatementLine[]
  readonly closing: string
  readonly totals: readonly { kind: EntryKind; count: number; value?: string; effect: string }[]
}

/**
 * The lines of a statement: what happened in its time and was known by its watermark; and before them what the statement
 * before did not hold because it was not known, or held and was declared in error. So opening + Σ effects = closing, the
 * closing is what is owed at the end as known at the watermark, and the next statement opens with it.
 */
export function drawStatement(entries: readonly RecordedEntry[], cut: Cut, opening: string): DrawnStatement {
  const placed = entries
    .flatMap((entry) => {
      const record = recordOf(entry, cut)
      return record === undefined ? [] : [{ entry, record }]
    })
    .sort(inOrder)
  let balance = BigInt(opening)
  const lines = placed.map(({ entry, record }, index): StatementLine => {
    const { position: _position, withdrawnAt: _withdrawnAt, ...said } = entry
    const isBack = record === 'withdrawn'
    const effect = isBack ? (-BigInt(entry.effect)).toString() : entry.effect
    balance += BigInt(effect)
    return {
      ...said,
      ...(entry.value !== undefined && { value: isBack ? negated(entry.value) : entry.value }),
      effect,
      record,
      lineNo: index + 1,
      lineId: isBack ? `${entry.eventId}/withdrawn` : entry.eventId,
      balance: balance.toString(),
    }
  })
  return { lines, closing: balance.toString(), totals: totalsOf(lines) }
}

/** What an entry is in a statement; undefined when the opening holds it, or it is not in it at all. */
function recordOf(entry: RecordedEntry, { from, until, prior, watermark }: Cut): StatementLine['record'] | undefined {
  const { position, withdrawnAt } = entry
  const at = instantOf(entry.occurredAt)
  const isKnown = (then: bigint): boolean => position <= then && (withdrawnAt === undefined || withdrawnAt > then)
  const wasIn = at < from && isKnown(prior)
  const isIn = at < until && isKnown(watermark)
  if (wasIn === isIn) return undefined
  return wasIn ? 'withdrawn' : at < from ? 'late' : 'line'
}

interface Placed {
  readonly entry: RecordedEntry
  readonly record: StatementLine['record']
}

/** What corrects earlier statements first, as it became known; then by business time. An event makes one entry, so positions differ. */
function inOrder(a: Placed, b: Placed): number {
  const [first, second] = [a.record === 'line', b.record === 'line']
  if (first !== second) return first ? 1 : -1
  const times = first ? instantOf(a.entry.occurredAt) - instantOf(b.entry.occurredAt) : 0
  return times || Number(knownAt(a) - knownAt(b)) || Number(a.entry.position - b.entry.position)
}

function knownAt({ entry, record }: Placed): bigint {
  return record === 'withdrawn' ? (entry.withdrawnAt ?? entry.position) : entry.position
}

function totalsOf(lines: readonly StatementLine[]): DrawnStatement['totals'] {
  return entryKind.options.flatMap((kind) => {
    const own = lines.filter((line) => line.kind === kind)
    if (own.length === 0) return []
    const effect = own.reduce((sum, line) => sum + BigInt(line.effect), 0n).toString()
    const values = own.flatMap(({ value }) => (value === undefined ? [] : [value]))
    const value = values.length > 0 && { value: values.reduce(plus) }
    return [{ kind, count: own.length, ...value, effect }]
  })
}
