import { noStream } from '../ledger/eventStore.ts'
import type { ApiPorts } from './ports.ts'
import type { Resource } from './resources.ts'

/** How far back the revision that a read model has seen is looked for; a model further behind gives no ETag. */
const searched = 200

/**
 * The revision of an object as a read model at `position` has seen it: a newer one would let a caller overwrite what it
 * was not shown. Undefined when the model is far behind, or the stream is not there.
 */
export async function revisionAt(
  { handler, store }: Pick<ApiPorts, 'handler' | 'store'>,
  { aggregate, id }: Pick<Resource, 'aggregate' | 'id'>,
  params: Readonly<Record<string, string>>,
  position: bigint,
): Promise<number | undefined> {
  const own = id(params)
  const { revision } = await handler.loadWithRevision(aggregate, own)
  if (revision === noStream) return undefined
  const stream = `${aggregate.category}-${own}`
  const last = await store.readStream(stream, { from: revision, limit: 1 })
  if (last[0] && last[0].position <= position) return revision
  const from = Math.max(0, revision - searched)
  const before = await store.readStream(stream, { from, limit: revision - from + 1 })
  return before.findLast((event) => event.position <= position)?.revision
}
