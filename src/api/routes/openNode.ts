import { z } from 'zod'
import { nodeOf } from '../../domain/rebates/explanation.ts'
import { Problem } from '../problem.ts'

/** What every explanation is made of: ids are paths, so below a node are only those that begin with its id. */
interface Node {
  readonly id: string
  readonly code: string
  readonly amount: string
  readonly children?: readonly Node[] | undefined
}

export const nodeQuery = z.strictObject({
  node: z.string().min(1).max(200).default('due').describe('`id` of the node to open; the root is `due`'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  after: z.coerce.number().int().min(0).max(10_000_000).default(0).describe('`next` of the page before'),
})
/** A node without what is below it, but how much that is. */
const shown = z.looseObject({ id: z.string(), code: z.string(), amount: z.string(), childCount: z.int() })
/** A node with its `children`, which are such nodes. */
const tree = z.looseObject({ id: z.string(), code: z.string(), amount: z.string(), children: z.array(z.unknown()) })
export const nodeAnswer = z.object({
  node: shown,
  children: z.array(shown),
  next: z.int().nullable().describe('`after` of the next page of children; null at the end'),
  hash: z.string().describe('SHA-256 of the canonical text of the whole tree'),
  verified: z.boolean().describe('the hash, or the amount, is the one that was written with what it explains'),
})
export const treeAnswer = z.object({ tree, hash: z.string(), verified: z.boolean() })

/** One node of a tree with a page of its children. Throws a problem when there is no such node. */
export function openNode(
  tree: Node,
  { node: id, limit, after }: z.infer<typeof nodeQuery>,
): Pick<z.infer<typeof nodeAnswer>, 'node' | 'children' | 'next'> {
  const node = nodeOf(tree, id)
  if (!node) throw new Problem('object.not_found', { node: id })
  const children = node.children ?? []
  const next = after + limit < children.length ? after + limit : null
  return { node: alone(node), children: children.slice(after, after + limit).map(alone), next }
}

function alone({ children, ...node }: Node): z.infer<typeof shown> {
  return { ...node, childCount: children?.length ?? 0 }
}
