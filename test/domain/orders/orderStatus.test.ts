import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { orderStatus, orderStatuses, type LineQuantities } from '../../../src/domain/orders/orderStatus.ts'

const placed = { phase: 'placed', closed: false, cancelled: false } as const
const line = (quantities: Partial<LineQuantities>): LineQuantities => ({
  ordered: '10',
  confirmed: '0',
  cancelled: '0',
  backordered: '0',
  allocated: '0',
  shipped: '0',
  delivered: '0',
  returned: '0',
  ...quantities,
})

describe('the status of an order is a function of its lines (domain.md §2.10)', () => {
  it.each([
    ['placed', [line({})]],
    ['placed', [line({ confirmed: '10' }), line({})]],
    ['confirmed', [line({ confirmed: '6', backordered: '4' }), line({ backordered: '10' })]],
    ['partly-allocated', [line({ confirmed: '10', allocated: '3' })]],
    ['allocated', [line({ confirmed: '10', allocated: '10' })]],
    ['partly-shipped', [line({ confirmed: '10', allocated: '10', shipped: '1' })]],
    ['shipped', [line({ confirmed: '6', allocated: '6', shipped: '6', cancelled: '4' })]],
    ['partly-delivered', [line({ confirmed: '10', allocated: '10', shipped: '10', delivered: '9' })]],
    ['delivered', [line({ confirmed: '10', allocated: '10', shipped: '10', delivered: '10', returned: '10' })]],
    ['cancelled', [line({ cancelled: '10' })]],
  ] as const)('%s', (status, lines) => {
    expect(orderStatus(lines, placed)).toBe(status)
  })

  it('has an answer for all quantities, and a flag comes first', () => {
    const quantity = fc.nat(20).map(String)
    const anyLine: fc.Arbitrary<LineQuantities> = fc.record({
      ordered: quantity,
      confirmed: quantity,
      cancelled: quantity,
      backordered: quantity,
      allocated: quantity,
      shipped: quantity,
      delivered: quantity,
      returned: quantity,
    })
    const flags = fc.record({
      phase: fc.constantFrom('none' as const, 'draft' as const, 'placed' as const),
      closed: fc.boolean(),
      cancelled: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 5 }), flags, (lines, of) => {
        expect(orderStatuses).toContain(orderStatus(lines, of))
        expect(orderStatus(lines, of)).toBe(orderStatus(lines.toReversed(), of))
        expect(orderStatus(lines, { ...of, closed: true })).toBe('closed')
      }),
    )
  })
})
