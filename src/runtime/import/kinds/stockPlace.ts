import { text, type Values } from '../kind.ts'
import { decimalOf, given } from '../step.ts'

export const place = ['party', 'location', 'lot', 'zone'] as const
export const stockKey = (values: Values, company: string): { party: string; location: string; sku: string } => ({
  party: values['party'] ?? company,
  location: values['location'] ?? 'main',
  sku: text(values, 'sku'),
})
export const costOf = (values: Values): Record<string, unknown> | undefined =>
  values['unit_cost'] === undefined
    ? undefined
    : given({ unitPrice: decimalOf(values['unit_cost']), currency: values['cost_currency'] })
