import { businessTime, calendarDate, startOfDay } from '../../domain/kernel/businessTime.ts'
import type { Aggregate } from '../../domain/kernel/decider.ts'
import { aggregates } from '../../domain/registry.ts'
import { createCommandHandler, type LedgerCommandHandler } from '../../ledger/commandHandler.ts'
import type { CommandMeta, Outcome } from '../../ledger/commands.ts'
import type { RecordedEvent } from '../../ledger/envelope.ts'
import { createEventRegistry, type EventRegistry } from '../../ledger/eventRegistry.ts'
import type { EventStore } from '../../ledger/eventStore.ts'
import { createKeyring } from '../../ledger/personal/keyring.ts'
import type { KeyStore, WrappedKey } from '../../ledger/personal/keyStore.ts'
import { createMemoryKeyStore } from '../../ledger/personal/memoryKeyStore.ts'
import type { WorkerPorts } from '../../workers/ports.ts'
import { createMemoryProgressStore } from '../../workers/progress/memoryProgressStore.ts'
import { ledgerSources } from '../../workers/ledgerSources.ts'
import { runDueWork } from '../../workers/runDueWork.ts'
import { createAgenda } from './agenda.ts'
import { plainHealth } from './plainHealth.ts'
import { createChance, seededBytes, type Chance } from './random.ts'
import { openSimulationStore } from './simulationStore.ts'

export const company = 'KESTREL'
/** of the manufacturer's own acts and of its calendar */
export const companyZone = 'Asia/Shanghai'
export const hour = 3_600_000
export const day = 24 * hour

/** Who acts: a principal's id, and where; the time zone stands in the business time. */
export interface Actor {
  readonly id: string
  readonly zone: string
}

/** The simulated channel: a clock, chance, a ledger in memory, and the workers, driven by an agenda. */
export interface World {
  readonly chance: Chance
  readonly store: EventStore
  readonly registry: EventRegistry
  readonly handler: LedgerCommandHandler
  readonly ports: WorkerPorts
  /** orders and stock movements relative to the normal demonstration */
  readonly scale: number
  now(): number
  at(zone?: string): string
  /** today in a zone, YYYY-MM-DD */
  today(zone?: string): string
  /** executes a command that must be accepted; gives its events */
  run: Execute<readonly RecordedEvent[]>
  /** executes a command that may be refused */
  attempt: Execute<Outcome>
  /** declares an event in error */
  declare: LedgerCommandHandler['declareError']
  /** has something done at an instant that is not past */
  plan(at: number, action: () => Promise<void>): void
  /** has something done in so many days, at a local time of day */
  planIn(days: number, hourOfDay: number, zone: string, action: () => Promise<void>): void
  /** everything that follows by itself */
  work(): Promise<void>
  /** lets the time pass until an instant and does what is planned on the way; `rest` is called between two actions */
  live(until: number, rest: () => Promise<void> | undefined): Promise<void>
  /** keys made since the last call, of persons whose data was sealed */
  takeKeys(): readonly (readonly [subject: string, key: WrappedKey])[]
}

type Execute<Result> = <C extends { type: string }, E extends { type: string; data: unknown }, S, G>(
  aggregate: Aggregate<C, E, S, G>,
  command: C,
  by: Actor,
  more?: Partial<CommandMeta>,
) => Promise<Result>

export interface WorldOptions {
  readonly seed: number
  readonly scale: number
  readonly start: number
  /** the key-encryption key that persons' keys are wrapped with */
  readonly kek: Buffer
}

export function createWorld({ seed, scale, start, kek }: WorldOptions): World {
  let now = start
  const chance = createChance(seed)
  const random = seededBytes(seed)
  const registry = createEventRegistry(aggregates)
  const store = openSimulationStore(() => now)
  const { keyStore, takeKeys } = watchedKeys()
  const keyring = createKeyring({
    keyStore,
    kek,
    random,
    now: () => now,
    maxAge: Number.POSITIVE_INFINITY,
  })
  const handler = createCommandHandler({
    store,
    registry,
    keyring,
    random,
    now: () => now,
    sleep: async () => undefined,
    limits: {
      heldStates: 8e3,
      snapshotEvery: 1e3,
    },
  })
  const ports: WorkerPorts = {
    store,
    registry,
    handler,
    progress: createMemoryProgressStore(),
    ...ledgerSources({ store, registry }),
    health: plainHealth(store),
    clock: () => now,
    zone: companyZone,
    policy: { accrueEvery: 7 * day },
  }
  const agenda = createAgenda()
  let acts = 0

  const at = (zone: string = companyZone): string => businessTime(now, zone)
  const attempt: World['attempt'] = (aggregate, command, by, more = {}) => {
    acts += 1
    const meta: CommandMeta = {
      at: at(by.zone),
      actor: by.id,
      source: { kind: 'command' },
      correlationId: `demo-${acts}`,
      ...more,
    }
    return handler.execute(aggregate, command, meta)
  }
  const world: World = {
    chance,
    store,
    registry,
    handler,
    ports,
    scale,
    at,
    attempt,
    takeKeys,
    now: () => now,
    today: (zone = companyZone) => calendarDate(now, zone),
    async run(aggregate, command, by, more) {
      const outcome = await attempt(aggregate, command, by, more)
      if (outcome.ok) return outcome.events
      const { refused, details } = outcome.refusal
      throw new Error(`at ${at()} ${command.type} was refused: ${refused} ${JSON.stringify(details)}`)
    },
    declare: handler.declareError,
    plan(instant, action) {
      agenda.put(Math.max(instant, now), action)
    },
    planIn(days, hourOfDay, zone, action) {
      const date = calendarDate(now + days * day, zone)
      world.plan(startOfDay(date, zone) + hourOfDay * hour, action)
    },
    work: () => runDueWork(ports, at()),
    async live(until, rest) {
      for (let next = agenda.take(until); next !== undefined; next = agenda.take(until)) {
        now = Math.max(now, next.at)
        await next.action()
        await rest()
      }
      now = Math.max(now, until)
    },
  }
  return world
}

function watchedKeys(): { keyStore: KeyStore; takeKeys: World['takeKeys'] } {
  const inner = createMemoryKeyStore()
  let made: (readonly [string, WrappedKey])[] = []
  return {
    keyStore: {
      ...inner,
      async create(subject, key) {
        made.push([subject, key])
        return inner.create(subject, key)
      },
    },
    takeKeys() {
      const taken = made
      made = []
      return taken
    },
  }
}
