import { formatDecimal, parseDecimal, type Micros } from '../kernel/decimal.ts'
import type { LayerAt } from './layer.ts'
import type { Take, TakenBy } from './take.ts'

/** Units `[from, to)` of a layer to which the same has happened. Quantities and prices in micros. */
export interface Piece {
  readonly layer: LayerAt
  readonly from: Micros
  readonly to: Micros
  /** what a unit costs by now: bought for, less what price protection has paid on it */
  readonly cost: Micros
  /** a claim says that these units were sold, or given back */
  readonly isGone: boolean
  readonly taken: readonly TakenBy[]
}

export interface Stretch {
  readonly low: Micros
  readonly high: Micros
}

/**
 * Cuts a range of a layer's units where takes begin and end, in the order of the units. With `at`, units count as gone
 * that were gone before it.
 */
export function piecesOf(
  layer: LayerAt,
  from: Micros,
  to: Micros,
  takes: readonly TakenBy[],
  at = Number.POSITIVE_INFINITY,
): readonly Piece[] {
  if (from >= to) return []
  const ofLayer = takes.filter((one) => one.layer === layer.layer)
  const cuts = ofLayer.flatMap((one) => [parseDecimal(one.from), parseDecimal(one.to)])
  const inside = cuts.filter((cut) => cut > from && cut < to)
  const bounds = [...new Set([from, ...inside, to])].toSorted((a, b) => (a < b ? -1 : 1))
  return bounds.slice(1).map((end, index) => {
    const start = bounds[index] ?? end
    const taken = ofLayer.filter((one) => parseDecimal(one.from) <= start && parseDecimal(one.to) >= end)
    const protectedBy = taken
      .filter(({ kind }) => kind === 'price-protection')
      .reduce((sum, { low, high }) => sum + parseDecimal(high) - parseDecimal(low), 0n)
    const cost = parseDecimal(layer.price) - protectedBy
    return {
      layer,
      from: start,
      to: end,
      cost: cost > 0n ? cost : 0n,
      isGone: taken.some(({ goneAt }) => goneAt !== undefined && goneAt < at),
      taken,
    }
  })
}

/** The claim that has been paid a part of this stretch on these units. */
export function paidBefore({ taken }: Piece, { low, high }: Stretch): TakenBy | undefined {
  return taken.find((one) => parseDecimal(one.low) < high && low < parseDecimal(one.high))
}

export interface Chosen {
  readonly takes: readonly Take[]
  /** how many units were wanted and are not there */
  readonly short: Micros
  /** units that were passed over because a claim has been paid this stretch, and those claims */
  readonly passedOver: readonly { readonly by: TakenBy; readonly quantity: Micros }[]
}

/**
 * Takes a stretch of the units of pieces, in their order, up to a quantity or all. Units whose stretch was paid before are
 * passed over. `strict`: a sale takes the units that it took, so the first such piece ends the choice.
 */
export function chooseUnits(
  pieces: readonly Piece[],
  wanted: Micros | 'all',
  lineNo: number,
  stretchOf: (piece: Piece) => Stretch | undefined,
  strict = false,
): Chosen {
  const takes: Take[] = []
  const passedOver: { by: TakenBy; quantity: Micros }[] = []
  let rest = wanted
  for (const piece of pieces) {
    if (rest === 0n) break
    const stretch = stretchOf(piece)
    if (!stretch) continue
    const there = piece.to - piece.from
    const quantity = rest === 'all' || there < rest ? there : rest
    const by = paidBefore(piece, stretch)
    if (by) {
      passedOver.push({ by, quantity })
      if (strict) break
      continue
    }
    takes.push({
      lineNo,
      layer: piece.layer.layer,
      eventId: piece.layer.eventId,
      ...(piece.layer.order && { order: piece.layer.order }),
      from: formatDecimal(piece.from),
      to: formatDecimal(piece.from + quantity),
      low: formatDecimal(stretch.low),
      high: formatDecimal(stretch.high),
    })
    if (rest !== 'all') rest -= quantity
  }
  return { takes, short: rest === 'all' ? 0n : rest, passedOver }
}
