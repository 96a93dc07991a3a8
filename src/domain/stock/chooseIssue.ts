import { compare, minus, plus, smaller } from '../kernel/decimalText.ts'
import { refuse, type Refusal } from '../kernel/decider.ts'
import { row } from '../kernel/table.ts'
import { unlotted } from './events.ts'
import { fefo } from './fefo.ts'
import { freeLots } from './freeLots.ts'
import type { StockState } from './state.ts'

interface Leaving {
  readonly sku: string
  readonly orderId?: string | undefined
  readonly lines: readonly {
    readonly lineNo?: number | undefined
    readonly lot?: string | undefined
    readonly quantity: string
  }[]
}

interface IssuedLine {
  readonly lineNo?: number
  readonly lot: string
  readonly quantity: string
  readonly allocated: string
}

/**
 * The lots that goods leave from: first those allocated to the order line, then the lot as given, else the free lots
 * first-expired-first-out. What no lot can give refuses the command; of a recorded fact it leaves the unlotted goods.
 */
export function chooseIssue(
  state: StockState,
  command: Leaving,
  today: string,
  recorded: boolean,
): IssuedLine[] | Refusal {
  const taken: IssuedLine[] = []
  const takenFrom = (match: (line: IssuedLine) => boolean, part: 'quantity' | 'allocated'): string =>
    taken.filter(match).reduce((sum, line) => plus(sum, line[part]), '0')
  const held = command.orderId === undefined ? [] : (row(state.allocations, command.orderId) ?? [])
  for (const { lineNo, lot, quantity } of command.lines) {
    const line = lineNo === undefined ? {} : { lineNo }
    let left = quantity
    for (const entry of held.filter((one) => one.lineNo === lineNo && (lot === undefined || one.lot === lot))) {
      const used = takenFrom((one) => one.lineNo === lineNo && one.lot === entry.lot, 'allocated')
      const part = smaller(left, minus(entry.quantity, used))
      if (compare(part, '0') <= 0) continue
      taken.push({ ...line, lot: entry.lot, quantity: part, allocated: part })
      left = minus(left, part)
    }
    if (left === '0') continue
    if (lot !== undefined) {
      taken.push({ ...line, lot, quantity: left, allocated: '0' })
      continue
    }
    const pool = freeLots(state).map((free) => {
      const used = minus(
        takenFrom((one) => one.lot === free.lot, 'quantity'),
        takenFrom((one) => one.lot === free.lot, 'allocated'),
      )
      return { ...free, quantity: minus(free.quantity, used) }
    })
    const { chosen, short } = fefo(pool, left, today, 0)
    taken.push(...chosen.map((part) => ({ ...line, lot: part.lot, quantity: part.quantity, allocated: '0' })))
    if (short === '0') continue
    if (!recorded && !state.rules.allowNegative)
      return refuse('stock.insufficient', { sku: command.sku, wanted: quantity, short })
    taken.push({ ...line, lot: unlotted, quantity: short, allocated: '0' })
  }
  return taken
}
