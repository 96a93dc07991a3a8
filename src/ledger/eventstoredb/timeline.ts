/**
 * When events were recorded, as far as somebody has looked: a sparse, bounded list of marks. Positions and times rise
 * together; a mark that contradicts its neighbours (the server's clock was set back) is left out.
 */
export interface Mark {
  readonly position: bigint
  /** ms since 1970 */
  readonly at: number
}

export interface Timeline {
  note(mark: Mark): void
  /** the last mark at or before an instant, and the first after it */
  around(instant: number): { readonly before: Mark | undefined; readonly after: Mark | undefined }
}

const capacity = 4_096

export function createTimeline(): Timeline {
  let marks: Mark[] = []
  return {
    note(mark) {
      const index = firstIndex(marks, (known) => known.position >= mark.position)
      const before = marks[index - 1]
      const after = marks[index]
      if (after?.position === mark.position || (before && before.at > mark.at) || (after && after.at < mark.at)) return
      marks.splice(index, 0, mark)
      if (marks.length > capacity) marks = marks.filter((_mark, at) => at % 2 === 0)
    },
    around(instant) {
      const index = firstIndex(marks, (known) => known.at > instant)
      return { before: marks[index - 1], after: marks[index] }
    },
  }
}

/** Index of the first item that passes, in a list where all behind it pass too. */
function firstIndex<T>(items: readonly T[], passes: (item: T) => boolean): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const item = items[middle]
    if (item !== undefined && passes(item)) high = middle
    else low = middle + 1
  }
  return low
}
