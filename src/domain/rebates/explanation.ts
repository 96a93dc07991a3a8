import { z } from 'zod'
import { identifier, lineAmount } from '../kernel/fields.ts'

/**
 * Every figure explains itself: a settlement opens into the rule version and the tiers that made it, each tier into
 * the order lines with their exact shares, and the step to an amount is one node of its own. The children of a node
 * add up to it exactly, at scale 6 (design.md §3).
 */
export interface ExplanationNode {
  /** unique in its tree: `due/earned/tier-2/3` */
  readonly id: string
  /** which label to show: the reader's language is not the ledger's business */
  readonly code: 'due' | 'earned' | 'tier' | 'line' | 'cap' | 'floor' | 'rounding' | 'settled' | 'clawed_back'
  /** in the settled currency, at scale 6, signed */
  readonly amount: string
  readonly rule?: { readonly programmeId: string; readonly version: number } | undefined
  readonly tier?:
    { readonly no: number; readonly from: string; readonly to?: string | undefined; readonly rate: string } | undefined
  /** what the rate was applied to (`base`, net or gross value) and, with units, how many of them */
  readonly base?: string | undefined
  readonly units?: string | undefined
  /** the fact behind a leaf */
  readonly source?:
    | {
        readonly eventId: string
        readonly lineNo: number
        readonly orderId?: string | undefined
        readonly sku: string
        readonly kind: 'sale' | 'return'
      }
    | undefined
  /** the settlement that a `settled` or `clawed_back` node is */
  readonly settlementNo?: number | undefined
  readonly children?: readonly ExplanationNode[] | undefined
}

export const explanationNode: z.ZodType<ExplanationNode> = z.strictObject({
  id: z.string().max(200),
  code: z.enum(['due', 'earned', 'tier', 'line', 'cap', 'floor', 'rounding', 'settled', 'clawed_back']),
  amount: lineAmount,
  rule: z.strictObject({ programmeId: identifier, version: z.int().min(1) }).optional(),
  tier: z
    .strictObject({ no: z.int().min(0), from: lineAmount, to: lineAmount.optional(), rate: lineAmount })
    .optional(),
  base: lineAmount.optional(),
  units: lineAmount.optional(),
  source: z
    .strictObject({
      eventId: z.string().max(64),
      lineNo: z.int(),
      orderId: identifier.optional(),
      sku: identifier,
      kind: z.enum(['sale', 'return']),
    })
    .optional(),
  settlementNo: z.int().min(1).optional(),
  get children() {
    return z.array(explanationNode).optional()
  },
})

/** The canonical text of a tree, whose SHA-256 stands in the settlement: keys in order, no spaces, absent keys left out. */
export function explanationText(node: ExplanationNode): string {
  return JSON.stringify(inOrder(node))
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, part]) => [key, inOrder(part)]))
}
