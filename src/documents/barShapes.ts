import { parseDecimal } from '../domain/kernel/decimal.ts'
import type { PaperBars } from '../domain/kernel/paper.ts'

/** A row of bars in points: both renderers draw these numbers and compute none of their own. */
export interface BarShape {
  readonly label: string
  readonly text: string
  /** where the text behind the bar begins */
  readonly textAt: number
  /** the width of the bar; absent without a figure */
  readonly width?: number
  /** where the mark stands */
  readonly markAt?: number
}

export const barPlaces = { width: 509, labels: 150, bar: 260, row: 15, thickness: 9 } as const

export function barShapes({ bars, most }: PaperBars): readonly BarShape[] {
  const lengthOf = (figure: string): number => {
    const hundredths = (parseDecimal(figure) * BigInt(barPlaces.bar * 100)) / parseDecimal(most)
    return Math.min(barPlaces.bar, Math.max(0, Number(hundredths) / 100))
  }
  return bars.map(({ label, figure, text, mark }) => {
    const width = figure === undefined ? undefined : lengthOf(figure)
    const markAt = mark === undefined ? undefined : barPlaces.labels + lengthOf(mark)
    const textAt = barPlaces.labels + Math.max(width ?? 0, (markAt ?? 0) - barPlaces.labels) + 6
    return { label, text, textAt, ...(width !== undefined && { width }), ...(markAt !== undefined && { markAt }) }
  })
}
