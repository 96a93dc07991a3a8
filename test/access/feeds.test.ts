import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createOwnerOf } from '../../src/api/ownerOf.ts'
import { listen } from '../../src/api/server.ts'
import type { RecordedEvent } from '../../src/ledger/envelope.ts'
import { openMemoryStore } from '../../src/ledger/memory/memoryStore.ts'
import type { EventStore } from '../../src/ledger/eventStore.ts'
import { createWebhookDelivery } from '../../src/workers/webhooks/deliver.ts'
import { createMemoryDeliveryStore } from '../../src/workers/webhooks/memoryDeliveryStore.ts'
import { openTestApi, staffDirectory } from '../support/api.ts'
import { testHandler } from '../support/commandHandling.ts'
import { growChannel, grownNow, type GrownChannel } from '../support/grownChannel.ts'
import { until } from '../support/until.ts'
import { startWebhookReceiver } from '../support/webhookReceiver.ts'
import { knowableTo } from './knowableTo.ts'

// What leaves by itself: live events and webhooks. A dealer below another one shares its account's stream with its siblings, so
// its feed runs through events of theirs.

let channel: GrownChannel
/** the dealer with a parent that has ordered most */
let child: string
let known: ReadonlySet<string>
beforeAll(async () => {
  channel = await growChannel()
  child = busiestChild(channel.log)
  known = new Set(knowableTo(child, channel.log).map(({ id }) => id))
}, 600_000)
afterAll(() => channel.store.close())

function busiestChild(log: readonly RecordedEvent[]): string {
  const data = (type: string) => log.flatMap((event) => (event.type === type ? [event.data as Named] : []))
  const orders = data('OrderPlaced').map(({ dealerId }) => dealerId)
  const children = data('DealerRegistered').flatMap(({ dealerId, parentDealerId }) =>
    parentDealerId ? [dealerId] : [],
  )
  const count = (dealer: string): number => orders.filter((one) => one === dealer).length
  return children.toSorted((a, b) => count(b) - count(a))[0] ?? ''
}

interface Named {
  readonly dealerId: string
  readonly parentDealerId?: string
}

async function append(store: EventStore, events: readonly RecordedEvent[]): Promise<void> {
  for (const { id, type, schemaVersion, stream, revision, occurredAt, actor, source, correlationId, data } of events) {
    const event = { id, type, schemaVersion, occurredAt, actor, source, correlationId, data }
    await store.append(stream, [event], { expectedRevision: revision - 1 })
  }
}

const shared = /^(product|calendar|rates|programme|promotions|pricelists|price|territory|healthmodel)-/

describe('a dealer on a shared account', () => {
  test('has siblings there', () => {
    const account = channel.log.filter(({ data }) => (data as { dealerId?: string }).dealerId === child)
    const streams = new Set(account.map(({ stream }) => stream).filter((stream) => stream.startsWith('account-')))
    const others = channel.log.filter(({ stream, id }) => streams.has(stream) && !known.has(id))
    expect(others.length).toBeGreaterThan(10)
  })

  test('hears by its webhook of what is its own, and of all of that', { timeout: 120_000 }, async () => {
    const store = openMemoryStore({ clock: () => grownNow })
    const receiver = await startWebhookReceiver()
    const types = [...new Set(channel.log.map(({ type }) => type))].filter(
      (type) => !/Stock|Fulfilment|Step/.test(type),
    )
    const registration = {
      webhookId: 'W',
      url: receiver.url,
      eventTypes: types,
      secretId: 's',
      owner: 'x',
      dealerId: child,
    }
    const [template] = channel.log
    await append(store, [
      {
        ...template!,
        id: '00000000-0000-7000-8000-00000000aaaa',
        type: 'WebhookRegistered',
        stream: 'webhook-W',
        revision: 0,
        data: registration,
      },
    ])
    await append(store, channel.log)
    const handler = testHandler(store, { registry: channel.registry, keyring: channel.keyring, now: () => grownNow })
    const delivery = createWebhookDelivery({
      store,
      registry: channel.registry,
      deliveries: createMemoryDeliveryStore(),
      commands: handler,
      masterKey: Buffer.alloc(32, 1),
      ownerOf: createOwnerOf(handler.load),
      clock: () => grownNow,
      newId: () => 'n',
      network: { allowPrivate: true },
    })
    await delivery.feed()
    await delivery.deliverDue()
    const heard = new Set(receiver.calls.map(({ headers }) => String(headers['channel-ledger-event'])))
    await receiver.close()
    const wanted = channel.log.filter(
      ({ id, type, source, stream }) =>
        known.has(id) && types.includes(type) && source.kind !== 'import' && !/^(principal|webhook)-/.test(stream),
    )
    expect([...heard].filter((id) => !known.has(id))).toEqual([])
    const own = wanted.filter(({ stream }) => !shared.test(stream))
    expect(own.length).toBeGreaterThan(20)
    expect(own.filter(({ id }) => !heard.has(id)).map(({ type, stream }) => `${type} ${stream}`)).toEqual([])
  })

  test('is shown live what is its own', { timeout: 120_000 }, async () => {
    const people = { child: { role: 'dealer', dealerId: child, rights: [] } } as const
    const api = await openTestApi({ keyring: channel.keyring, now: () => grownNow, directory: staffDirectory(people) })
    const server = await listen(api.app, { host: '127.0.0.1', port: 0 })
    const ending = new AbortController()
    const answer = await fetch(`${server.url}/v1/stream`, {
      headers: { authorization: 'ApiKey child.child' },
      signal: ending.signal,
    })
    let text = ''
    const reading = (async () => {
      const decoder = new TextDecoder()
      for await (const chunk of answer.body ?? []) text += decoder.decode(chunk as Uint8Array, { stream: true })
    })().catch(() => undefined) // ended by the test
    // the feed looks at the head of the log when its first client comes
    await until(() => text.includes('retry'))
    const marker = channel.log.findLastIndex(({ id, type }) => known.has(id) && type === 'OrderPlaced')
    await new Promise((resolve) => setImmediate(resolve))
    await append(api.store, channel.log.slice(0, marker + 1))
    await until(() => text.includes(channel.log[marker]!.id), 60_000)
    ending.abort()
    await reading
    const shown = [...text.matchAll(/"eventId":"([^"]+)"/g)].map(([, id = '']) => id)
    expect(shown.length).toBeGreaterThan(20)
    expect(shown.filter((id) => !known.has(id))).toEqual([])
    await server.close(500)
    await api.close()
  })
})
