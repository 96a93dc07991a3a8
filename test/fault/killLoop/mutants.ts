import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { keyedEventId } from '../../../src/ledger/commandIds.ts'
import type { System } from '../../support/system.ts'
import type { OutsideDatabase } from '../loop/outsideDatabase.ts'
import type { Reason } from '../loop/findings.ts'

/** Ways to make the system wrong from outside. The loop must turn red at each, for the reason beside it. */
export const mutants = {
  /** no signal is sent */
  'no-kill': 'no kill landed',
  /** the row of one acknowledged event is deleted */
  'lose-one-event': 'lost',
  /** one event counts twice in a read model */
  'double-apply': 'read model differs',
  /** the read models' checkpoints jump over events that were not folded */
  'skip-checkpoint': 'read model differs',
  /** one command of twenty is answered before it is written, and then is not */
  'early-ack': 'lost',
  /** reads are answered from a cache */
  'stale-read': 'stale read',
} as const satisfies Record<string, Reason>
export type Mutant = keyof typeof mutants

export async function loseOneEvent({ session }: OutsideDatabase): Promise<void> {
  await session(async (client) => {
    await client.query('set session_replication_role = replica') // past the trigger that forbids it
    const { rowCount } = await client.query(
      `delete from ledger_events where position =
         (select position from ledger_events where envelope like '%"actor":"sales"%' order by position desc offset 20 limit 1)`,
    )
    if (rowCount !== 1) throw new Error('no event was deleted')
  })
}

export async function applyTwice({ session }: OutsideDatabase): Promise<void> {
  await session(async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `select id::text from projections.generations where model = 'inventory' and state = 'active'`,
    )
    const schema = `rm_inventory_${rows[0]?.id}`
    const { rowCount } = await client.query(
      `update ${schema}.levels l set on_hand = l.on_hand + f.on_hand_add
       from (select * from ${schema}.levels_facts where on_hand_add <> 0 order by position desc limit 1) f
       where (l.party, l.location, l.sku, l.lot) = (f.party, f.location, f.sku, f.lot)`,
    )
    if (rowCount !== 1) throw new Error('no row was changed')
  })
}

/** While the worker is down: what came since is never folded. */
export async function skipCheckpoints(system: System, { query }: OutsideDatabase): Promise<void> {
  const changed = await query(
    `update projections.generations g set checkpoint = h.position from ledger_head h where g.checkpoint < h.position returning g.id`,
  )
  if (changed.length === 0) throw new Error('there was nothing to skip')
  await system.start('worker')
}

export interface LyingProxy {
  readonly url: string
  close(): Promise<void>
}

/** Stands before the API and lies in one way. */
export async function openLyingProxy(target: string, lie: 'early-ack' | 'stale-read'): Promise<LyingProxy> {
  const cache = new Map<string, { readonly status: number; readonly body: string }>()
  let posts = 0
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? ''
    const held = cache.get(path)
    if (lie === 'stale-read' && held) {
      outgoing.writeHead(held.status, { 'content-type': 'application/json' }).end(held.body)
      return
    }
    const isReceipt = incoming.method === 'POST' && path.startsWith('/v1/stock/') && path.endsWith('/receipts')
    if (lie === 'early-ack' && isReceipt && (posts += 1) % 20 === 0) acknowledgeOnly(incoming, outgoing, path)
    else
      forward(
        target,
        incoming,
        outgoing,
        (status, body) => incoming.method === 'GET' && cache.set(path, { status, body }),
      )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // it listens on TCP
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function acknowledgeOnly(incoming: IncomingMessage, outgoing: ServerResponse, path: string): void {
  const key = String(incoming.headers['idempotency-key'])
  const id = keyedEventId('sales', 'POST /v1/stock/:party/:location/:sku/receipts', key, 0)
  const [party, location, sku] = path.split('/').slice(3)
  const stream = `stock-${party}/${location}/${sku}`
  const answer = { id: key, stream, revision: 1, position: '1', events: [{ id, type: 'StockReceived', revision: 1 }] }
  incoming.resume()
  outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
}

function forward(
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  seen: (status: number, body: string) => void,
): void {
  const { method = 'GET', headers, url = '' } = incoming
  const onward = request(`${target}${url}`, { method, headers }, (answer) => {
    const chunks: Buffer[] = []
    answer.on('data', (chunk: Buffer) => chunks.push(chunk))
    answer.on('error', () => outgoing.destroy())
    answer.on('end', () => {
      const body = Buffer.concat(chunks)
      const status = answer.statusCode ?? 502
      seen(status, body.toString('utf8'))
      outgoing.writeHead(status, answer.headers).end(body)
    })
  })
  onward.on('error', () => outgoing.destroy())
  incoming.pipe(onward)
}
