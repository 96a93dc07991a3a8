import { z } from 'zod'
import { identifier, lineAmount } from '../kernel/fields.ts'

const codes = [
  'due',
  'earned',
  /** a rate, and what it was applied to */
  'tier',
  /** an amount, and how often it is paid */
  'sum',
  'line',
  /** a target or a baseline that is not there */
  'missing',
  'cap',
  'floor',
  'gate',
  'rounding',
  'settled',
  'clawed_back',
  /** what a dispute decided besides the rules */
  'awarded',
] as const

/**
 * Every figure explains itself: a settlement opens into the rule version and the tiers that made it, each tier into
 * the order lines with their exact shares, and the step to an amount is one node of its own. The children of a node
 * add up to it exactly, at scale 6 (design.md §3).
 */
export interface ExplanationNode {
  /** unique in its tree: `due/earned/tier-2/3` */
  readonly id: string
  /** which label to show: the reader's language is not the ledger's business */
  readonly code: (typeof codes)[number]
  /** in the settled currency, at scale 6, signed */
  readonly amount: string
  readonly rule?: { readonly programmeId: string; readonly version: number } | undefined
  /** of a tier its bounds and rate, with the exact fraction where the rate is rounded; of a sum what is paid how often */
  readonly tier?:
    | {
        readonly no: number
        readonly from?: string | undefined
        readonly to?: string | undefined
        readonly rate?: string | undefined
        readonly fraction?: string | undefined
        readonly each?: string | undefined
        readonly times?: string | undefined
      }
    | undefined
  /** what the rate was applied to (`base`, net or gross value) and, with units, how many of them */
  readonly base?: string | undefined
  readonly units?: string | undefined
  /** of a line: what earlier programmes of the group earn on its whole fact; its base is less that */
  readonly earnedBefore?: string | undefined
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
  /** of a `gate`: the gates in the order of the terms, with what each found; of `missing`: what is not there */
  readonly gates?:
    readonly { readonly kind: string; readonly found?: string | undefined; readonly open: boolean }[] | undefined
  readonly missing?: 'target' | 'baseline' | undefined
  /** the settlement that a `settled` or `clawed_back` node is */
  readonly settlementNo?: number | undefined
  /** of `awarded`, and of what else a dispute decided */
  readonly disputeId?: string | undefined
  readonly children?: readonly ExplanationNode[] | undefined
}

export const explanationNode: z.ZodType<ExplanationNode> = z.strictObject({
  id: z.string().max(200),
  code: z.enum(codes),
  amount: lineAmount,
  rule: z.strictObject({ programmeId: identifier, version: z.int().min(1) }).optional(),
  tier: z
    .strictObject({
      no: z.int().min(0),
      from: lineAmount.optional(),
      to: lineAmount.optional(),
      rate: lineAmount.optional(),
      fraction: z
        .string()
        .max(100)
        .regex(/^\d+\/\d+$/)
        .optional(),
      each: lineAmount.optional(),
      times: lineAmount.optional(),
    })
    .optional(),
  base: lineAmount.optional(),
  units: lineAmount.optional(),
  earnedBefore: lineAmount.optional(),
  source: z
    .strictObject({
      eventId: z.string().max(64),
      lineNo: z.int(),
      orderId: identifier.optional(),
      sku: identifier,
      kind: z.enum(['sale', 'return']),
    })
    .optional(),
  gates: z.array(z.strictObject({ kind: z.string(), found: lineAmount.optional(), open: z.boolean() })).optional(),
  missing: z.enum(['target', 'baseline']).optional(),
  settlementNo: z.int().min(1).optional(),
  disputeId: identifier.optional(),
  get children() {
    return z.array(explanationNode).optional()
  },
})

/** Ids are paths: below a node are only those that begin with its id, but for what was settled before, which is the root's own. */
export function nodeOf<Node extends { readonly id: string; readonly children?: readonly Node[] | undefined }>(
  node: Node,
  id: string,
): Node | undefined {
  if (node.id === id) return node
  const below = node.children?.find((child) => child.id === id || id.startsWith(`${child.id}/`))
  return below && nodeOf(below, id)
}

/** The canonical text of a tree, whose SHA-256 stands in the settlement: keys in order, no spaces, absent keys left out. */
export function explanationText(node: ExplanationNode): string {
  return JSON.stringify(inOrder(node))
}

/** All that may be said, so that a new key is not forgotten below. */
type Every<T> = { readonly [K in keyof Required<T>]: T[K] }
type Gate = NonNullable<ExplanationNode['gates']>[number]
type Held<K extends keyof ExplanationNode> = Every<NonNullable<ExplanationNode[K]>>

/** Written out key by key: sorting them took most of the time of a settlement. */
function inOrder(node: ExplanationNode): Every<ExplanationNode> {
  const { amount, base, children, code, disputeId, earnedBefore, gates, id, missing } = node
  const { rule, settlementNo, source, tier, units } = node
  return {
    amount,
    base,
    children: children?.map(inOrder),
    code,
    disputeId,
    earnedBefore,
    gates: gates?.map(gateInOrder),
    id,
    missing,
    rule: rule && ruleInOrder(rule),
    settlementNo,
    source: source && sourceInOrder(source),
    tier: tier && tierInOrder(tier),
    units,
  }
}

function ruleInOrder({ programmeId, version }: NonNullable<ExplanationNode['rule']>): Held<'rule'> {
  return { programmeId, version }
}

function sourceInOrder({
  eventId,
  kind,
  lineNo,
  orderId,
  sku,
}: NonNullable<ExplanationNode['source']>): Held<'source'> {
  return { eventId, kind, lineNo, orderId, sku }
}

function gateInOrder({ found, kind, open }: Gate): Every<Gate> {
  return { found, kind, open }
}

function tierInOrder(tier: NonNullable<ExplanationNode['tier']>): Held<'tier'> {
  const { each, fraction, from, no, rate, times, to } = tier
  return { each, fraction, from, no, rate, times, to }
}
