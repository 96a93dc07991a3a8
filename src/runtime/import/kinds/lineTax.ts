import type { Values } from '../kind.ts'
import { decimalOf, given } from '../step.ts'

export const taxOf = (values: Values): Record<string, unknown> | undefined =>
  values['tax'] === undefined && values['tax_code'] === undefined
    ? undefined
    : given({
        code: values['tax_code'] ?? 'tax',
        rate: decimalOf(values['tax_rate']),
        amount: decimalOf(values['tax'] ?? '0'),
      })
