import type { Bench } from './bench.ts'
import { command, openProcesses, openStock, type Processes } from './openProcesses.ts'

const rate = 200
/** of those commands so many a second make stock run low, or end that */
const alertingRate = 20
const ordinary = 200
const watched = 100
/** goods that run low, and that do not */
const [few, enough] = ['1', '100']

/**
 * Two `serve` processes and a `worker` on one PostgreSQL, {@link rate} events a second given to the two in turn. Some of them make a
 * stock run low, or end that: how long from the answer of that command to the alert on a stream of each process. What lies between is
 * the whole way: the worker reads the event, looks at the level, writes what it found, and the process reads that from the log.
 */
export const alertLag: Bench = {
  name: 'alertLag',
  title: `From the answer of a command to the alert on the stream, ${rate} events/s, two api processes and a worker (ms)`,
  async run({ freshDatabase, log }) {
    const seconds = Number(process.env['ALERT_LAG_SECONDS'] ?? 60)
    const database = await freshDatabase()
    const system = await openProcesses(database.url, 2)
    const stop = new AbortController()
    try {
      const { urls, authorization } = system
      await fill(system)
      // by subject: when the newest alerting command was answered, and what it waits for
      const waiting = urls.map(() => new Map<string, { readonly change: string; readonly answeredAt: number }>())
      const lags = urls.map((): number[] => [])
      const ended = urls.map((url, n) =>
        listen(`${url}/v1/alerts/stream`, authorization, stop.signal, ({ change, subject }) => {
          const wanted = waiting[n]?.get(subject)
          if (wanted?.change !== change) return
          waiting[n]?.delete(subject)
          // the alert may be there before the answer of the command is read
          lags[n]?.push(Math.max(0, performance.now() - wanted.answeredAt))
        }),
      )
      const answers: number[] = []
      let failed = 0
      let late = 0
      let lost = 0
      const give = async (no: number): Promise<void> => {
        const url = urls[no % urls.length] ?? ''
        const isAlerting = no % (rate / alertingRate) === 0
        const turn = Math.floor(no / (rate / alertingRate))
        const sku = isAlerting ? `LOW-${turn % watched}` : `SKU-${no % ordinary}`
        const isLow = Math.floor(turn / watched) % 2 === 0
        const path = `/v1/stock/ACME/MAIN/${sku}/${isAlerting ? 'counts' : 'receipts'}`
        const lines = isAlerting ? [{ lot: '-', counted: isLow ? few : enough }] : [{ lot: '-', quantity: '1' }]
        const sentAt = performance.now()
        const wanted = { change: isLow ? 'raised' : 'closed', answeredAt: Infinity }
        for (const one of isAlerting ? waiting : []) {
          // overtaken by the next turn: it never came
          if (one.has(`ACME/MAIN/${sku}`)) lost += 1
          one.set(`ACME/MAIN/${sku}`, wanted)
        }
        try {
          await command(url, authorization, 'POST', path, { lines })
        } catch (error) {
          failed += 1
          if (failed === 1) log(String(error))
          for (const one of waiting) if (one.get(`ACME/MAIN/${sku}`) === wanted) one.delete(`ACME/MAIN/${sku}`)
          return
        }
        const answeredAt = performance.now()
        answers.push(answeredAt - sentAt)
        if (!isAlerting) return
        for (const one of waiting)
          if (one.get(`ACME/MAIN/${sku}`) === wanted) one.set(`ACME/MAIN/${sku}`, { ...wanted, answeredAt })
      }
      const begin = performance.now()
      const given: Promise<void>[] = []
      for (let no = 0; no < rate * seconds; no += 1) {
        const dueIn = begin + (no * 1_000) / rate - performance.now()
        if (dueIn > 1) await new Promise((resolve) => setTimeout(resolve, dueIn))
        late = Math.max(late, -dueIn)
        given.push(give(no))
      }
      await Promise.all(given)
      const took = (performance.now() - begin) / 1_000
      const deadline = performance.now() + 10_000
      while (waiting.some(({ size }) => size > 0) && performance.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 20))
      stop.abort()
      await Promise.all(ended)
      const missing = waiting.reduce((sum, { size }) => sum + size, lost)
      const row = (what: string, times: readonly number[]) => ({
        what,
        count: times.length,
        p50: quantile(times, 0.5),
        p99: quantile(times, 0.99),
        most: quantile(times, 1),
      })
      const load = { 'commands/s': (given.length / took).toFixed(0), failed, 'sent late, ms': late.toFixed(0) }
      return [
        { ...row('command, until its answer', answers), ...load, missing: 0 },
        { ...row('answer → alert, both streams', lags.flat()), ...load, missing },
        ...lags.map((times, n) => ({ ...row(`answer → alert, stream ${n + 1}`, times), ...load, missing })),
      ]
    } finally {
      stop.abort()
      await system.stop()
      await database.drop()
    }
  },
}

async function fill({ urls, authorization }: Processes): Promise<void> {
  const [url = ''] = urls
  for (let n = 0; n < ordinary; n += 1) await openStock(url, authorization, `SKU-${n}`, '1')
  const levels = { safetyStock: '5', reorderPoint: '10' }
  for (let n = 0; n < watched; n += 1) {
    await openStock(url, authorization, `LOW-${n}`, enough)
    await command(url, authorization, 'PUT', `/v1/stock/ACME/MAIN/LOW-${n}/replenishment-policy`, { levels })
  }
}

interface News {
  readonly change: string
  readonly subject: string
}

/** Reads a stream of alerts until the signal aborts; resolves then. */
async function listen(
  url: string,
  authorization: string,
  signal: AbortSignal,
  onNews: (news: News) => void,
): Promise<void> {
  try {
    const answer = await fetch(url, { headers: { authorization }, signal })
    const decoder = new TextDecoder()
    let rest = ''
    for await (const chunk of answer.body ?? []) {
      const parts = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n\n')
      rest = parts.pop() ?? ''
      for (const part of parts) {
        const data = /^event: alert\ndata: (.*)$/m.exec(part)?.[1]
        if (data !== undefined) onNews(JSON.parse(data) as News) // what the process sends
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

function quantile(times: readonly number[], share: number): string {
  const sorted = times.toSorted((a, b) => a - b)
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN).toFixed(1)
}
