/** What the simulation still has to do, by instant; what is due at the same instant comes in the order it was put. */
export interface Agenda {
  put(at: number, action: () => Promise<void>): void
  /** takes out the next one that is due before `until` */
  take(until: number): { readonly at: number; readonly action: () => Promise<void> } | undefined
}

interface Entry {
  readonly at: number
  readonly order: number
  readonly action: () => Promise<void>
}

/** A binary heap. */
export function createAgenda(): Agenda {
  const heap: Entry[] = []
  let order = 0
  const isBefore = (a: Entry | undefined, b: Entry | undefined): boolean =>
    a !== undefined && (b === undefined || a.at < b.at || (a.at === b.at && a.order < b.order))

  function swap(a: number, b: number): void {
    const [first, second] = [heap[a], heap[b]]
    if (first !== undefined && second !== undefined) [heap[a], heap[b]] = [second, first]
  }

  return {
    put(at, action) {
      order += 1
      let index = heap.push({ at, order, action }) - 1
      for (let parent = (index - 1) >> 1; index > 0 && isBefore(heap[index], heap[parent]); parent = (index - 1) >> 1) {
        swap(index, parent)
        index = parent
      }
    },
    take(until) {
      const first = heap[0]
      if (first === undefined || first.at >= until) return undefined
      const last = heap.pop()
      if (last !== undefined && heap.length > 0) heap[0] = last
      for (let index = 0; ;) {
        const [left, right] = [2 * index + 1, 2 * index + 2]
        const child = isBefore(heap[right], heap[left]) ? right : left
        if (!isBefore(heap[child], heap[index])) return first
        swap(index, child)
        index = child
      }
    },
  }
}
