import { describe, expect, it } from 'vitest'
import {
  country,
  identifier,
  label,
  localLabel,
  minor,
  positiveMinor,
  price,
  quantity,
  region,
  regionScope,
  share,
  signedQuantity,
} from '../../../src/domain/kernel/fields.ts'

const accepts = (field: { safeParse(value: unknown): { success: boolean } }, values: readonly unknown[]): boolean[] =>
  values.map((value) => field.safeParse(value).success)
const all = (values: readonly unknown[], expected: boolean): boolean[] => values.map(() => expected)

describe('the fields of events and commands', () => {
  it.each([
    ['a price', price, ['0', '12.5', '0.000001'], ['-1', '1.0000001', '01', '1e3', '', 1, null]],
    ['a share', share, ['0', '0.02', '1', '1.000'], ['1.000001', '2', '-0.1', '10']],
    ['a quantity', quantity, ['1', '0.001'], ['0', '0.000', '-1', '1.0001', 5]],
    ['a signed quantity', signedQuantity, ['-1', '0', '1.5'], ['1.0001', '+1']],
    ['an amount', minor, ['0', '-1', '100'], ['-0', '1.5', '01', 100]],
    ['an amount above zero', positiveMinor, ['1'], ['0', '-1']],
    ['an identifier', identifier, ['BK-1', '订单/2026.1', 'a_b'], ['', ' a', 'a ', '-a', 'a\n', 'a'.repeat(65)]],
    ['a label', label, ['A b', '旅行自行车'], ['', 'a\u0000', '\ud800', 'x'.repeat(201)]],
    ['a label in languages', localLabel, [{ en: 'a' }, { 'zh-CN': '甲' }], [{}, { fr: 'a' }]],
    ['a country', country, ['CN'], ['cn', 'CHN']],
    [
      'a region',
      region,
      ['US/Washington', 'CN/ZJ', 'AU/New South Wales', "FR/Val d'Oise"],
      ['US', 'US/', 'US/*', 'us/WA', 'US/WA/1'],
    ],
    ['a scope of regions', regionScope, ['US/WA', 'US/*'], ['*', 'US/W*']],
  ] as const)('take for %s what it is, and nothing else', (_, field, good, bad) => {
    expect(accepts(field, good)).toEqual(all(good, true))
    expect(accepts(field, bad)).toEqual(all(bad, false))
  })
})
