import { expect, test } from 'vitest'
import { explanationNode, explanationText, type ExplanationNode } from '../../../src/domain/rebates/explanation.ts'

/** Every key there is, out of order. */
const line: Required<Omit<ExplanationNode, 'children'>> = {
  units: '2',
  id: 'due/earned/tier-1/1',
  code: 'line',
  amount: '1.5',
  tier: { to: '500', no: 1, times: '1', from: '0', rate: '0.01', fraction: '1/100', each: '5' },
  rule: { version: 1, programmeId: 'P' },
  base: '150',
  earnedBefore: '0.5',
  source: { sku: 'BIKE "1"', orderId: '订单-1', eventId: 'e', lineNo: 1, kind: 'sale' },
  gates: [{ open: true, kind: 'minimum', found: '1' }],
  missing: 'target',
  settlementNo: 1,
  disputeId: 'D-1',
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, part]) => [key, sorted(part)]))
}

test('the canonical text has every key of the tree in order, and absent ones left out', () => {
  const tree: ExplanationNode = { id: 'due', amount: '1.5', code: 'due', children: [line], missing: undefined }
  const { shape } = explanationNode as unknown as { shape: object } // an object's schema
  expect(Object.keys(line).toSorted()).toEqual(
    Object.keys(shape)
      .filter((key) => key !== 'children')
      .toSorted(),
  )
  const text = explanationText(tree)
  expect(text).toBe(JSON.stringify(sorted(tree)))
  expect(JSON.parse(text)).toEqual({ id: 'due', amount: '1.5', code: 'due', children: [line] })
})
