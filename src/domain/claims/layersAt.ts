import { larger, smaller } from '../kernel/bounds.ts'
import { instantOf, type Instant } from '../kernel/businessTime.ts'
import { divide, formatDecimal, parseDecimal, type Micros } from '../kernel/decimal.ts'
import type { GoodsMovement } from './goodsMovements.ts'
import type { LayerAt } from './layer.ts'

/** A movement where it stands in the log. */
export interface Moved {
  readonly movement: GoodsMovement
  readonly eventId: string
  /** business time */
  readonly occurredAt: string
  readonly position: bigint
  /** among the movements of its event */
  readonly seq: number
}

/** A layer while it is being worked out, quantities in micros. `left` goes from the bottom, `returned` from the top. */
interface Layer {
  readonly layer: string
  readonly eventId: string
  readonly companyId: string | undefined
  readonly unit: string
  readonly currency: string
  readonly price: string
  readonly order: { readonly orderId: string; readonly lineNo: number } | undefined
  readonly shippedAt: string
  shipped: Micros
  arrivedAt: string | undefined
  delivered: Micros
  lost: Micros
  returned: Micros
  left: Micros
}

/** The movements in the order in which they happened: business time, then the log. */
export function inOrder(movements: readonly Moved[]): readonly Moved[] {
  return movements.toSorted(
    (a, b) =>
      instantOf(a.occurredAt) - instantOf(b.occurredAt) ||
      (a.position < b.position ? -1 : a.position > b.position ? 1 : a.seq - b.seq),
  )
}

/**
 * The price layers of one sku at one dealer as they stood just before an instant, the one that arrived first at the front,
 * what is still on its way at the end (domain.md §2.5). A layer is the goods of one line of a shipment, at what they cost;
 * its units are numbered from 0, so that a claim can say which of them it speaks of. What leaves the dealer's stock leaves
 * first in, first out, from the bottom of a layer; what comes back to us goes from the top of the layers of its order line.
 * Where the dealer's stock was counted, what is missing has left, and what is found had not.
 *
 * `movements` are in order (`inOrder`).
 */
export function layersAt(movements: readonly Moved[], instant: Instant): readonly LayerAt[] {
  const layers = new Map<string, Layer>()
  /** in the order of arrival */
  const arrived: Layer[] = []
  const levels = new Map<string, Micros>()
  const onHand = ({ delivered, returned, left }: Layer): Micros => larger(delivered - returned, 0n) - left
  const total = (): Micros => arrived.reduce((sum, layer) => sum + onHand(layer), 0n)
  const counted = (): Micros => [...levels.values()].reduce((sum, level) => sum + level, 0n)

  function leave(quantity: Micros): void {
    let rest = quantity
    for (const layer of arrived) {
      const part = smaller(rest, onHand(layer))
      layer.left += part
      rest -= part
      if (rest === 0n) return
    }
  }
  function comeBack(quantity: Micros): void {
    let rest = quantity
    for (const layer of arrived.toReversed()) {
      const part = smaller(rest, layer.left)
      layer.left -= part
      rest -= part
      if (rest === 0n) return
    }
  }
  function giveBack(orderId: string, lineNo: number, quantity: Micros): void {
    let rest = quantity
    for (const layer of layers.values()) {
      if (layer.order?.orderId !== orderId || layer.order.lineNo !== lineNo) continue
      const part = smaller(rest, layer.shipped - layer.lost - layer.returned)
      layer.returned += part
      rest -= part
      // it came back, so it had not left: something older had
      const excess = larger(layer.left - larger(layer.delivered - layer.returned, 0n), 0n)
      layer.left -= excess
      leave(excess)
      if (rest === 0n) return
    }
  }

  for (const { movement, eventId, occurredAt } of movements) {
    if (instantOf(occurredAt) >= instant) break
    switch (movement.kind) {
      case 'shipped': {
        const { orderId, shipmentId, lineNo, companyId, unit, currency, value } = movement
        const quantity = parseDecimal(movement.quantity)
        layers.set(`${orderId}/${shipmentId}/${lineNo}`, {
          ...nothingYet,
          layer: `${orderId}/${shipmentId}/${lineNo}`,
          eventId,
          companyId,
          unit,
          currency,
          price: formatDecimal(divide(parseDecimal(value), quantity, 'half-even')),
          order: { orderId, lineNo },
          shippedAt: occurredAt,
          shipped: quantity,
        })
        break
      }
      case 'delivered':
      case 'lost': {
        const layer = layers.get(`${movement.orderId}/${movement.shipmentId}/${movement.lineNo}`)
        if (!layer) break
        if (movement.kind === 'lost') layer.lost += parseDecimal(movement.quantity)
        else {
          layer.delivered += parseDecimal(movement.quantity)
          if (layer.arrivedAt === undefined) arrived.push(layer)
          layer.arrivedAt ??= occurredAt
        }
        break
      }
      case 'returned':
        giveBack(movement.orderId, movement.lineNo, parseDecimal(movement.quantity))
        break
      case 'moved': {
        const quantity = parseDecimal(movement.quantity)
        levels.set(movement.place, (levels.get(movement.place) ?? 0n) + quantity)
        if (movement.leaves && quantity < 0n) leave(-quantity)
        else if (movement.leaves) comeBack(quantity)
        break
      }
      case 'counted': {
        const quantity = parseDecimal(movement.quantity)
        const found = quantity - (levels.get(movement.place) ?? 0n)
        levels.set(movement.place, quantity)
        const missing = total() - counted()
        if (missing > 0n) leave(missing)
        else if (movement.opening && missing < 0n) {
          const opened: Layer = {
            ...nothingYet,
            ...movement.opening,
            layer: `opening/${movement.place}/${eventId}`,
            eventId,
            companyId: undefined,
            order: undefined,
            shippedAt: occurredAt,
            arrivedAt: occurredAt,
            shipped: -missing,
            delivered: -missing,
          }
          layers.set(opened.layer, opened)
          arrived.push(opened)
        } else if (found > 0n) comeBack(smaller(found, -missing))
        break
      }
    }
  }
  const onTheWay = [...layers.values()].filter(({ arrivedAt }) => arrivedAt === undefined)
  return [...arrived, ...onTheWay].map((layer): LayerAt => {
    const top = layer.shipped - layer.lost - layer.returned
    const to = smaller(larger(layer.delivered - layer.returned, 0n), top)
    return {
      layer: layer.layer,
      eventId: layer.eventId,
      ...(layer.companyId !== undefined && { companyId: layer.companyId }),
      ...(layer.order && { order: layer.order }),
      unit: layer.unit,
      currency: layer.currency,
      price: layer.price,
      shippedAt: layer.shippedAt,
      ...(layer.arrivedAt !== undefined && { arrivedAt: layer.arrivedAt }),
      bought: formatDecimal(layer.shipped - layer.lost),
      left: formatDecimal(smaller(layer.left, to)),
      onHand: formatDecimal(to),
      top: formatDecimal(top),
    }
  })
}

const nothingYet = { arrivedAt: undefined, shipped: 0n, delivered: 0n, lost: 0n, returned: 0n, left: 0n }
