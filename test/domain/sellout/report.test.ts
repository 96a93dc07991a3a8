import { describe, expect, it } from 'vitest'
import type { DealerAt } from '../../../src/domain/dealers/state.ts'
import type { SellOutCommand } from '../../../src/domain/sellout/commands.ts'
import { sellOutId } from '../../../src/domain/sellout/commands.ts'
import type { SellOutEvent } from '../../../src/domain/sellout/events.ts'
import { sellOutAggregate } from '../../../src/domain/sellout/report.ts'
import { given, someTime } from '../../support/decider.ts'

type Report = Extract<SellOutCommand, { type: 'ReportSellOut' }>
const key = { dealerId: 'D1', source: 'pos', documentType: 'report', number: '2025-12' }
const line = { lineNo: 1, outletId: 'S1', sku: 'DRILL', unit: 'EA', quantity: '5', day: '2025-12-24' }
const shelf = [{ outletId: 'S1', sku: 'DRILL', unit: 'EA', onHand: '7', day: '2025-12-31' }]
const report: Report = {
  type: 'ReportSellOut',
  companyId: 'maker',
  ...key,
  revision: 0,
  from: '2025-12-01',
  to: '2025-12-31',
  lines: [{ ...line, price: { unitPrice: '129', currency: 'CNY' } }],
  shelf,
}
const dealer = { companyId: 'maker', zone: 'Asia/Shanghai' } as unknown as DealerAt // what the decision looks at
const looked = { given: { dealer, units: { DRILL: 'EA' }, strange: [] as readonly string[] } }
const reported = ({ type: _type, ...said }: Report): SellOutEvent => ({
  type: 'SellOutReported',
  data: { ...said, breaches: [] },
})
const withdrawn = (of: Report, reason: string, replacedBy?: number): SellOutEvent => ({
  type: 'SellOutWithdrawn',
  data: {
    companyId: 'maker',
    ...key,
    revision: of.revision,
    reason,
    ...(replacedBy !== undefined && { replacedBy }),
    lines: of.lines.map(({ price: _price, ...rest }) => rest),
    shelf: of.shelf,
  },
})
const second: Report = { ...report, revision: 1, lines: [{ ...line, quantity: '6' }] }

describe('a sell-out report', () => {
  it('is recorded once; the same again is nothing, other content under its revision is refused', () => {
    given(sellOutAggregate)
      .when(report, looked)
      .then([reported(report)])
    given(sellOutAggregate, [reported(report)])
      .when({ ...second, revision: 0 }, looked)
      .thenRefused('sellout.revision_reused', { revision: 0 })
  })

  it('is replaced by its next revision: the one before is withdrawn line by line, without its prices', () => {
    given(sellOutAggregate, [reported(report)])
      .when(second, looked)
      .then([withdrawn(report, 'revised', 1), reported(second)])
    given(sellOutAggregate, [reported(report), withdrawn(report, 'revised', 1), reported(second)])
      .when(report, looked)
      .thenRefused('sellout.superseded', { newest: 1 })
  })

  it('of an older revision that an import brings late is kept, and counts for nothing', () => {
    const late = given(sellOutAggregate, [reported(second)]).when(report, { ...looked, recorded: true })
    late.then([reported(report), withdrawn(report, 'superseded', 1)])
    expect(late.state().current).toMatchObject({ revision: 1 })
  })

  it('is withdrawn whole, once, and comes back only as a later revision', () => {
    const all = [reported(report), withdrawn(report, 'test-data')]
    given(sellOutAggregate, [reported(report)])
      .when({ type: 'WithdrawSellOut', ...key, reason: 'test-data' })
      .then([withdrawn(report, 'test-data')])
    given(sellOutAggregate, all).when(report, looked).thenRefused('sellout.superseded')
    given(sellOutAggregate, all)
      .when(second, looked)
      .then([reported(second)])
    given(sellOutAggregate)
      .when({ type: 'WithdrawSellOut', ...key, reason: 'x' })
      .thenRefused('sellout.unknown')
  })

  it('names outlets, products, units and days that there are', () => {
    const refused = (
      change: Partial<Report>,
      found: Partial<{ units: Record<string, string>; strange: readonly string[] }> = {},
    ) => given(sellOutAggregate).when({ ...report, ...change }, { given: { ...looked.given, ...found } })
    refused({}, { strange: ['S1 2025-12-24'] }).thenRefused('outlets.unknown', { outletId: 'S1', day: '2025-12-24' })
    refused({}, { units: {} }).thenRefused('catalogue.unknown_sku', { sku: 'DRILL' })
    refused({}, { units: { DRILL: 'BX' } }).thenRefused('sellout.unit_mismatch', { counted: 'BX' })
    refused({ to: '2025-12-20' }).thenRefused('sellout.day_outside', { day: '2025-12-24' })
    refused({ to: '2026-01-16' }).thenRefused('sellout.day_ahead', { today: '2026-01-15' })
    given(sellOutAggregate)
      .when(report, { given: { ...looked.given, dealer: undefined } })
      .thenRefused('dealers.unknown')
    const [fact] = given(sellOutAggregate)
      .when(report, { recorded: true, given: { units: {}, strange: ['S1 2025-12-24'] } })
      .events()
    expect(fact?.data).toMatchObject({
      breaches: [{ code: 'dealers.unknown' }, { code: 'outlets.unknown' }, { code: 'catalogue.unknown_sku' }],
    })
  })

  it('of nothing sold is a report too', () => {
    const nothing = { ...report, lines: [], shelf: [] }
    given(sellOutAggregate)
      .when(nothing, looked)
      .then([reported(nothing)])
  })

  it('has a stream of its own, whatever its names hold', () => {
    expect(someTime).toContain('2026-01-15')
    expect(sellOutId({ ...key, dealerId: 'D/1' })).not.toBe(sellOutId({ ...key, dealerId: 'D', source: '1/pos' }))
  })
})
