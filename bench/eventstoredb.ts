import { randomUUID } from 'node:crypto'
import { EventStoreDBClient, NO_STREAM, jsonEvent, type JSONEventData, type Position } from '@eventstore/db-client'
import { openEventStoreDbStore } from '../src/ledger/eventstoredb/eventStoreDbStore.ts'
import type { EventStore } from '../src/ledger/eventStore.ts'
import type { Bench, BenchRow } from './bench.ts'
import { interleave, type Contender } from './interleave.ts'
import { orderEvent } from './sampleEvent.ts'

const corpus = 20_000
const page = 1_000

/** The adapter beside the client without it, on the server of EVENTSTORE_URL: the same events, the same revisions, the same pages. */
export const eventStoreDb: Bench = {
  name: 'eventstoredb',
  title: 'EventStoreDB through the store, beside the bare client (events of about 700 bytes)',
  async run(context) {
    const url = process.env['EVENTSTORE_URL']
    if (!url) return [{ 'EVENTSTORE_URL is not set': 'nothing was measured' }]
    const prefix = `bench${randomUUID().slice(0, 8)}.`
    const client = EventStoreDBClient.connectionString`${url}`
    const store = openEventStoreDbStore({ connectionString: url, prefix })
    try {
      const after = await fill(store)
      const pairs: readonly (readonly [
        string,
        (until: number) => Promise<number>,
        (until: number) => Promise<number>,
      ])[] = [
        [
          'append, 1 caller',
          (until) => bareAppends(client, prefix, 1, until),
          (until) => storeAppends(store, 1, until),
        ],
        [
          'append, 64 callers',
          (until) => bareAppends(client, prefix, 64, until),
          (until) => storeAppends(store, 64, until),
        ],
        [
          'append of 500 events, 1 caller',
          (until) => bareBatches(client, prefix, until),
          (until) => storeBatches(store, until),
        ],
        [
          'read the log in pages of 1,000',
          (until) => bareReads(client, after, until),
          (until) => storeReads(store, after, until),
        ],
      ]
      const contenders = pairs.flatMap(([name, bare, adapter]): Contender[] => [
        { name: `${name}: client`, work: bare },
        { name: `${name}: store`, work: adapter },
      ])
      const results = await interleave(contenders, context.rounds, context.secondsPerRound, context.log)
      return pairs.flatMap(([name]) =>
        ['client', 'store'].map((who): BenchRow => {
          const { median = 0, low = 0, high = 0 } = results.get(`${name}: ${who}`) ?? {}
          return {
            what: `${name}: ${who}`,
            'events/s': Math.round(median),
            'low–high': `${Math.round(low)}–${Math.round(high)}`,
            '× client': (median / (results.get(`${name}: client`)?.median ?? Number.NaN)).toFixed(2),
          }
        }),
      )
    } finally {
      await store.close()
      await Promise.race([client.dispose(), new Promise((resolve) => setTimeout(resolve, 1_000))])
    }
  },
}

/** Writes what the reads read; gives the position before it. */
async function fill(store: EventStore): Promise<bigint> {
  const first = await store.append(`corpus-${randomUUID()}`, [orderEvent()], { expectedRevision: -1 })
  for (let written = 0; written < corpus; written += 500) {
    const events = Array.from({ length: 500 }, orderEvent)
    await store.append(`corpus-${randomUUID()}`, events, { expectedRevision: -1 })
  }
  if (first.outcome !== 'appended') throw new Error('the first append was refused')
  return first.position
}

async function bareAppends(
  client: EventStoreDBClient,
  prefix: string,
  callers: number,
  until: number,
): Promise<number> {
  let done = 0
  await Promise.all(
    Array.from({ length: callers }, async () => {
      const stream = `${prefix}order-${randomUUID()}`
      for (let revision = -1n; performance.now() < until; revision += 1n) {
        await client.appendToStream(stream, [bareEvent()], { expectedRevision: revision < 0n ? NO_STREAM : revision })
        done += 1
      }
    }),
  )
  return done
}

async function storeAppends(store: EventStore, callers: number, until: number): Promise<number> {
  let done = 0
  await Promise.all(
    Array.from({ length: callers }, async () => {
      const stream = `order-${randomUUID()}`
      for (let revision = -1; performance.now() < until; revision += 1) {
        const { outcome } = await store.append(stream, [orderEvent()], { expectedRevision: revision })
        if (outcome !== 'appended') throw new Error(`conflict on ${stream}`)
        done += 1
      }
    }),
  )
  return done
}

async function bareBatches(client: EventStoreDBClient, prefix: string, until: number): Promise<number> {
  let done = 0
  for (; performance.now() < until; done += 500) {
    await client.appendToStream(`${prefix}order-${randomUUID()}`, Array.from({ length: 500 }, bareEvent), {
      expectedRevision: NO_STREAM,
    })
  }
  return done
}

async function storeBatches(store: EventStore, until: number): Promise<number> {
  let done = 0
  for (; performance.now() < until; done += 500) {
    await store.append(`order-${randomUUID()}`, Array.from({ length: 500 }, orderEvent), { expectedRevision: -1 })
  }
  return done
}

/** The corpus again and again. */
async function bareReads(client: EventStoreDBClient, after: bigint, until: number): Promise<number> {
  let done = 0
  let from: Position = { commit: after, prepare: after }
  let read = 0
  while (performance.now() < until) {
    for await (const { event } of client.readAll({ fromPosition: from, maxCount: page })) {
      if (event) from = event.position
      done += 1
    }
    read += page
    if (read >= corpus) {
      read = 0
      from = { commit: after, prepare: after }
    }
  }
  return done
}

async function storeReads(store: EventStore, after: bigint, until: number): Promise<number> {
  let done = 0
  let position = after
  let read = 0
  while (performance.now() < until) {
    const found = await store.readAll({ after: position, limit: page })
    position = found.position
    done += found.events.length
    read += page
    if (read >= corpus) {
      read = 0
      position = after
    }
  }
  return done
}

function bareEvent(): JSONEventData {
  const { id, type, data, ...metadata } = orderEvent()
  // plain JSON by construction
  return jsonEvent({ id, type, data: data as Record<string, unknown>, metadata })
}
