import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { defineCommand, refuse, type Aggregate, type CommandOf } from '../src/domain/kernel/decider.ts'
import { defineEvent, type EventOf } from '../src/domain/kernel/event.ts'
import { code } from '../src/domain/kernel/fields.ts'
import { createCommandHandler } from '../src/ledger/commandHandler.ts'
import { createEventRegistry } from '../src/ledger/eventRegistry.ts'
import { createKeyring } from '../src/ledger/personal/keyring.ts'
import { createMemoryKeyStore } from '../src/ledger/personal/memoryKeyStore.ts'
import { openPostgresStore } from '../src/ledger/postgres/postgresStore.ts'
import type { Bench } from './bench.ts'
import { interleave, type Contender } from './interleave.ts'

const callers = 64

/** 64 callers commanding one stream against 64 callers with a stream each, in one process and in two handlers on one log. */
export const hotKeys: Bench = {
  name: 'hotKeys',
  title: `${callers} callers on one stream and on ${callers} streams (PostgreSQL; commands per second)`,
  async run({ rounds, secondsPerRound, freshDatabase, log }) {
    const database = await freshDatabase()
    const [one, two] = await Promise.all([openHandler(database.url), openHandler(database.url)])
    try {
      let opened = 0
      const contender = (name: string, handlers: number, streams: number): Contender => ({
        name,
        async work(until) {
          opened += 1
          let done = 0
          const caller = async (n: number): Promise<void> => {
            const id = `run-${opened}-${n % streams}`
            const { handler } = n % handlers === 0 ? one : two
            while (performance.now() < until) {
              const outcome = await handler.execute(shelf, { type: 'Take', id }, meta())
              if (!outcome.ok) throw new Error(outcome.refusal.refused)
              done += 1
            }
          }
          await Promise.all(Array.from({ length: callers }, (_, n) => caller(n)))
          return done
        },
      })
      const measured = await interleave(
        [
          contender('64 streams, one process', 1, callers),
          contender('one stream, one process', 1, 1),
          contender('64 streams, two processes', 2, callers),
          contender('one stream, two processes', 2, 1),
        ],
        rounds,
        secondsPerRound,
        log,
      )
      return [...measured.values()].map(({ name, median, low, high }) => ({
        callers: name,
        median: Math.round(median),
        low: Math.round(low),
        high: Math.round(high),
      }))
    } finally {
      await Promise.all([one.close(), two.close()])
      await database.drop()
    }
  },
}

async function openHandler(url: string) {
  const store = await openPostgresStore({ connection: url })
  const handler = createCommandHandler({
    store,
    registry: createEventRegistry([shelf]),
    keyring: createKeyring({
      keyStore: createMemoryKeyStore(),
      kek: randomBytes(32),
      random: randomBytes,
      now: Date.now,
    }),
    now: Date.now,
    random: randomBytes,
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  })
  const close = async (): Promise<void> => {
    await handler.idle()
    await store.close()
  }
  return { handler, close }
}

const taken = defineEvent('ShelfTaken', z.strictObject({ left: z.int() }))
const take = defineCommand('Take', z.strictObject({ id: code }), ({ id }) => id)
const shelf: Aggregate<CommandOf<typeof take>, EventOf<typeof taken>, number> = {
  category: 'shelf',
  stateVersion: 1,
  initialState: 1_000_000,
  evolve: (_, { data }) => data.left,
  decide: (_, left) => (left === 0 ? refuse('object.not_found') : [{ type: taken.type, data: { left: left - 1 } }]),
  events: [taken],
  commands: [take],
}

function meta() {
  const key = randomBytes(8).toString('hex')
  return {
    at: '2026-01-15T08:30:00.000+08:00[Asia/Shanghai]',
    actor: 'bench',
    source: { kind: 'command' },
    correlationId: key,
    idempotency: { principal: 'bench', route: 'take', key, requestHash: key },
  } as const
}
