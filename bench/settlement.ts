import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { basisEventTypes } from '../src/domain/rebates/basisFacts.ts'
import { uuidV7 } from '../src/ledger/commandIds.ts'
import type { RecordedEvent } from '../src/ledger/envelope.ts'
import { noStream, type EventStore } from '../src/ledger/eventStore.ts'
import { createMemoryKeyStore } from '../src/ledger/personal/memoryKeyStore.ts'
import { openPostgresStore } from '../src/ledger/postgres/postgresStore.ts'
import { generationSchema } from '../src/projections/engine/schema.ts'
import { rebatesModel } from '../src/projections/models/rebates/model.ts'
import { generateDemo } from '../src/runtime/demo/demo.ts'
import { importDirectory } from '../src/runtime/import/importDirectory.ts'
import { random } from '../src/runtime/ledger.ts'
import { setUpProgrammes, tierKinds, type DuePeriod } from '../test/support/volumeProgrammes.ts'
import type { Bench, BenchContext, BenchRow } from './bench.ts'
import { vacuum, type BenchDatabase } from './database.ts'
import { feedModels } from './fillModels.ts'
import { openBenchHandler } from './openBenchHandler.ts'
import type { SettlerAnswer, SettlerTask } from './settler.ts'
import { tiers } from './plainSettlement.ts'

const adventureWorks = process.env['ADVENTUREWORKS_DIR']
const until = '2025-04-30'
const copies = 10

/** A ledger that is ready to be settled, and nobody connected to it. */
interface Channel {
  readonly database: BenchDatabase
  readonly companyId: string
  readonly due: readonly DuePeriod[]
  readonly at: string
  readonly watermark: string
  /** of the tables of the read model */
  readonly schema: string
  readonly lines: number
}

interface Measured {
  readonly seconds: number
  readonly done: number
  readonly megabytes: number
}

/**
 * A settlement run over the whole history beside a script that does the least that gives the same payouts, each in a process of its
 * own on a copy of the same database; beside two processes that share the run, a what-if over all of it, and ten times the channel.
 */
export const settlement: Bench = {
  name: 'settlement',
  title: `Settling four quarterly programmes of all tier shapes over all dealers of ${adventureWorks === undefined ? `the demonstration up to ${until} (ADVENTUREWORKS_DIR names a larger channel)` : 'AdventureWorks'}, beside a plain script with the same payouts`,
  async run(context) {
    const { rounds, log } = context
    const history = await openHistory(context)
    const channel = await openChannel(context, history, 1)
    const large = await openChannel(context, history, copies)
    await history.drop()
    try {
      log(`${channel.lines} lines, and ${large.lines}`)
      const runs = { plain: [] as Measured[], one: [] as Measured[], two: [] as Measured[], whatIf: [] as Measured[] }
      const tenfold: Measured[] = []
      for (let round = 1; round <= rounds; round += 1) {
        const plain = await onCopy(context, channel, async (url) => ({
          ...(await share(url, 1, [{ type: 'plain', schema: channel.schema, periodIds: quartersOf(channel) }])),
          payouts: await plainPayouts(url),
        }))
        const one = await onCopy(context, channel, async (url) => ({
          ...(await share(url, 1, settling(channel))),
          payouts: await ledgerPayouts(url),
        }))
        refuseDifference(plain.payouts, one.payouts)
        runs.plain.push(plain)
        runs.one.push(one)
        runs.two.push(await onCopy(context, channel, async (url) => share(url, 2, settling(channel))))
        runs.whatIf.push(await onCopy(context, channel, async (url) => share(url, 1, [asking(channel)])))
        // the long one, once
        if (round === 1) tenfold.push(await onCopy(context, large, async (url) => share(url, 1, settling(large))))
        log(`round ${round} of ${rounds}: ${one.payouts.size} payouts, the same`)
      }
      const row = (name: string, list: readonly Measured[], beside: readonly Measured[] = runs.plain): BenchRow => {
        const ratios = list.map(({ seconds }, n) => seconds / (beside[n]?.seconds ?? Number.NaN))
        const settled = list.at(-1)?.done ?? 0
        return {
          run: name,
          seconds: median(list.map(({ seconds }) => seconds)).toFixed(2),
          'low–high': `${Math.min(...list.map(({ seconds }) => seconds)).toFixed(2)}–${Math.max(...list.map(({ seconds }) => seconds)).toFixed(2)}`,
          'settlements/s': list === runs.whatIf ? '' : Math.round(settled / median(list.map(({ seconds }) => seconds))),
          ratio: median(ratios).toFixed(2),
          'its low–high': `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`,
          'MB resident at most': Math.max(...list.map(({ megabytes }) => megabytes)),
        }
      }
      const halved = runs.plain.map((one) => ({ ...one, done: one.done / 2 }))
      return [
        row('plain script', halved),
        row('settlement run, 1 process: × plain', runs.one),
        row('settlement run, 2 processes: × 1 process', runs.two, runs.one),
        row('what-if over all periods: × settlement', runs.whatIf, runs.one),
        row(`settlement of ${copies} times the channel: × once`, tenfold, runs.one),
      ]
    } finally {
      await channel.database.drop()
      await large.database.drop()
    }
  },
}

async function openHistory({ freshDatabase }: BenchContext): Promise<BenchDatabase> {
  const database = await freshDatabase()
  const store = await openPostgresStore({ connection: database.url })
  try {
    if (adventureWorks === undefined) {
      await generateDemo({ target: { store, keyStore: createMemoryKeyStore(), kek: Buffer.alloc(32, 7) }, until })
      return database
    }
    const handler = openBenchHandler(store)
    const { outcome } = await importDirectory({ handler }, adventureWorks, { dataSet: 'adventureworks' })
    await handler.idle()
    if (outcome !== 'complete') throw new Error(`the import of ${adventureWorks} ended ${outcome}`)
    return database
  } finally {
    await store.close()
  }
}

async function openChannel({ freshDatabase }: BenchContext, history: BenchDatabase, times: number): Promise<Channel> {
  const database = await freshDatabase(history)
  const store = await openPostgresStore({ connection: database.url })
  try {
    const handler = openBenchHandler(store)
    const orders = await orderEvents(store)
    for (let copy = 2; copy <= times; copy += 1) await copyOrders(store, orders, copy)
    const [companyId = ''] = orders.flatMap(({ data }) => ('companyId' in data ? [String(data['companyId'])] : []))
    const ordered = orders.map(({ occurredAt }) => Number(occurredAt.slice(0, 4)))
    const first = ordered.reduce((least, year) => Math.min(least, year))
    const years = Array.from({ length: Math.max(...new Set(ordered)) - first + 1 }, (_, n) => first + n)
    const { due, at } = await setUpProgrammes(handler, { companyId, years, zone: 'UTC', tiers })
    await handler.idle()
    await feedModels(database, store, [rebatesModel])
    await vacuum(database)
    const watermark = (await store.head()).toString()
    const { schema, lines } = await volumeOf(database.url)
    return { database, companyId, due, at, watermark, schema, lines }
  } finally {
    await store.close()
  }
}

type OrderEvent = RecordedEvent & { readonly data: Readonly<Record<string, unknown>> }

async function orderEvents(store: EventStore): Promise<readonly OrderEvent[]> {
  const all: OrderEvent[] = []
  for (let after = 0n; ;) {
    const page = await store.readAll({ after, limit: 5_000, types: basisEventTypes })
    all.push(...(page.events.filter(({ stream }) => stream.startsWith('order-')) as OrderEvent[])) // their data are objects
    after = page.position
    if (page.atHead) return all
  }
}

/** The same orders once more, of other dealers. */
async function copyOrders(store: EventStore, orders: readonly OrderEvent[], copy: number): Promise<void> {
  const streams = new Map<string, OrderEvent[]>()
  for (const event of orders) streams.set(event.stream, [...(streams.get(event.stream) ?? []), event])
  const all = [...streams]
  for (let start = 0; start < all.length; start += 500) {
    const appends = all.slice(start, start + 500).map(async ([stream, events]) => {
      const own = events.map(({ type, schemaVersion, occurredAt, actor, source, correlationId, data }) => {
        const { orderId, dealerId } = data
        const id = uuidV7({ now: Date.now, random })
        const copied = { ...data, orderId: `${String(orderId)}-${copy}` }
        return {
          id,
          type,
          schemaVersion,
          occurredAt,
          actor,
          correlationId,
          source: { ...source, commandId: id },
          data: dealerId === undefined ? copied : { ...copied, dealerId: `${String(dealerId)}-${copy}` },
        }
      })
      const { outcome } = await store.append(`${stream}-${copy}`, own, { expectedRevision: noStream })
      if (outcome !== 'appended') throw new Error(`${stream} was not copied`)
    })
    await Promise.all(appends)
  }
}

async function volumeOf(url: string): Promise<{ schema: string; lines: number }> {
  const [generation] = await rowsOf<{ id: string }>(
    url,
    `select id::text from projections.generations where model = '${rebatesModel.name}' and state = 'active'`,
  )
  const schema = generationSchema(rebatesModel.name, generation?.id ?? '')
  const [volume] = await rowsOf<{ n: number }>(
    url,
    `select count(*)::integer as n from ${schema}.volume_facts where basis = 'ordered'`,
  )
  return { schema, lines: volume?.n ?? 0 }
}

function quartersOf({ due }: Channel): readonly string[] {
  return [...new Set(due.map(({ periodId }) => periodId))]
}

function settling({ due, at, watermark }: Channel): readonly SettlerTask[] {
  return due.map((one) => ({ type: 'settle', ...one, at, watermark }))
}

function asking(channel: Channel): SettlerTask {
  const { companyId, watermark } = channel
  return { type: 'what-if', companyId, periodIds: quartersOf(channel), watermark, now: Date.UTC(2100, 0, 1) }
}

async function onCopy<T>(
  { freshDatabase }: BenchContext,
  { database }: Channel,
  run: (url: string) => Promise<T>,
): Promise<T> {
  const copy = await freshDatabase(database)
  try {
    return await run(copy.url)
  } finally {
    await copy.drop()
  }
}

/** Processes take tasks as they come to an end; the time is from the first task to the last answer. */
async function share(url: string, processes: number, tasks: readonly SettlerTask[]): Promise<Measured> {
  const children = await Promise.all(Array.from({ length: processes }, async () => startSettler(url)))
  const waiting = tasks.values()
  const start = performance.now()
  const work = async ({ ask }: Settler): Promise<SettlerAnswer> => {
    let all: SettlerAnswer = { done: 0, maxResidentMegabytes: 0 }
    for (const task of waiting) {
      const { done, maxResidentMegabytes } = await ask(task)
      all = { done: all.done + done, maxResidentMegabytes }
    }
    return all
  }
  const answers = await Promise.all(children.map(work))
  const seconds = (performance.now() - start) / 1000
  await Promise.all(children.map(async ({ ask }) => ask({ type: 'end' })))
  return {
    seconds,
    done: answers.reduce((sum, { done }) => sum + done, 0),
    megabytes: Math.max(...answers.map(({ maxResidentMegabytes }) => maxResidentMegabytes)),
  }
}

interface Settler {
  ask(task: SettlerTask): Promise<SettlerAnswer>
}

async function startSettler(url: string): Promise<Settler> {
  const child = fork(fileURLToPath(new URL('./settler.js', import.meta.url)), [url])
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`a process ended with ${String(code)}`)
  })
  ended.catch(() => undefined)
  const next = async (): Promise<SettlerAnswer> => {
    const [answer] = (await Promise.race([once(child, 'message'), ended])) as [SettlerAnswer] // what settler.ts sends
    return answer
  }
  await next()
  return {
    async ask(task) {
      const answer = next()
      child.send(task)
      return answer
    },
  }
}

/** Minor units by programme, dealer, currency and quarter. */
type Payouts = ReadonlyMap<string, string>

async function plainPayouts(url: string): Promise<Payouts> {
  const rows = await rowsOf<{ stream: string; amount: string }>(
    url,
    `select stream, data::json->>'amount' as amount from plain_settlements where type = 'approved'`,
  )
  return new Map(rows.map(({ stream, amount }) => [stream, amount]))
}

async function ledgerPayouts(url: string): Promise<Payouts> {
  const rows = await rowsOf<{ stream: string; amount: string }>(
    url,
    `select substr(stream, ${'settlement-'.length + 1}) as stream, data::json->>'amount' as amount from ledger_events
     where type = 'SettlementApproved' and data::json->>'programmeId' in (${tierKinds.map((kind) => `'${kind}'`).join(', ')})`,
  )
  return new Map(rows.map(({ stream, amount }) => [stream, amount]))
}

function refuseDifference(plain: Payouts, ledger: Payouts): void {
  const names = new Set([...plain.keys(), ...ledger.keys()])
  const different = [...names].filter((name) => plain.get(name) !== ledger.get(name))
  const [first = ''] = different
  if (different.length > 0)
    throw new Error(
      `${different.length} of ${names.size} payouts differ: ${first} ${plain.get(first)} ${ledger.get(first)}`,
    )
}

async function rowsOf<Row extends object>(url: string, text: string): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN
}
