import { z } from 'zod'
import type { FastifyRequest } from 'fastify'
import type { LiveClient } from './liveClients.ts'
import type { LiveFeed } from './liveFeed.ts'
import { invalid } from './problem.ts'

const position = /^\d{1,19}$/

/** What a route that follows the log understands of where to go on. */
export const feedHeaders = z.looseObject({
  'last-event-id': z.string().optional().describe('the position to go on after'),
})
export const feedParameters = {
  after: z
    .string()
    .regex(position)
    .optional()
    .describe('the same as the header Last-Event-ID, for a first connection that goes on from a known position'),
}

/** The position that a client goes on from; undefined when it begins now. Throws a problem. */
export function positionGiven({ headers, query }: FastifyRequest): bigint | undefined {
  const wanted = headers['last-event-id'] ?? (query as { readonly after?: string }).after // checked by its schema
  if (wanted === undefined) return undefined
  if (!position.test(String(wanted))) throw invalid('headers.last-event-id', 'a ledger position')
  return BigInt(String(wanted))
}

/** Writes what the ring holds after the client's position until it ends; who is too far behind is told `resync` and goes on from now. */
export async function tellFeed<Item extends { readonly position: bigint }>(
  client: LiveClient,
  feed: LiveFeed<Item>,
  from: bigint | undefined,
  /** undefined for what is not for this client */
  messageOf: (item: Item) => string | undefined,
): Promise<void> {
  let position = from
  while (!client.signal.aborted) {
    const turns = feed.turns()
    const head = feed.position()
    if (head !== undefined) {
      const items = feed.after(position ?? head)
      if (items === undefined) {
        await client.write(`event: resync\nid: ${head}\ndata: {"position":"${head}"}\n\n`)
        position = head
        continue
      }
      for (const item of items) {
        const message = messageOf(item)
        if (message !== undefined) await client.write(message)
      }
      position = items.at(-1)?.position ?? position ?? head
    }
    if (!(await client.beat(position))) return
    await feed.wait(turns, Math.min(client.untilBeat(), head === undefined ? 50 : Infinity), client.signal)
  }
}
