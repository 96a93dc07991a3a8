import { Agent, request } from 'node:http'
import { createHistogram } from 'node:perf_hooks'

/** What the caller process is told to do, over IPC. */
export interface CallOrder {
  readonly url: string
  readonly authorization: string
  /** requests a second, whatever becomes of them; or so many callers, each of whom waits for its answer */
  readonly load: { readonly rate: number } | { readonly callers: number }
  readonly seconds: number
  readonly skus: number
  /** tells apart the keys of one order from those of another */
  readonly name: string
}

export interface CallReport {
  readonly offered: number
  /** by status; failures by what Node calls them */
  readonly outcomes: Readonly<Record<string, number>>
  /** ms from when the request was due, of those answered 200; and of those turned away */
  readonly accepted: Quantiles
  readonly turnedAway: Quantiles
  readonly withoutRetryAfter: number
  /** ms that requests were sent after they were due: the caller's own doing, and part of the times above */
  readonly sentLate: Quantiles
  readonly seconds: number
}

export interface Quantiles {
  readonly p50: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

const receipt = JSON.stringify({ lines: [{ lot: '-', quantity: '1' }] })

/** Open model: a request goes out when it is due, also when the ones before it are not answered, and its time counts from then. */
async function run(order: CallOrder): Promise<CallReport> {
  const { url, authorization, load, seconds, skus, name } = order
  const agent = new Agent({ keepAlive: true, maxSockets: 4_000, maxFreeSockets: 4_000 })
  const { hostname, port } = new URL(url)
  const outcomes: Record<string, number> = {}
  const times = { accepted: createHistogram(), turnedAway: createHistogram(), late: createHistogram() }
  let [offered, open, withoutRetryAfter] = [0, 0, 0]

  function call(due: number): Promise<void> {
    const n = (offered += 1)
    open += 1
    times.late.record(Math.max(1, Math.round((performance.now() - due) * 1_000)))
    const isCommand = n % 2 === 0
    const sku = `SKU-${(n * 7) % skus}`
    const path = isCommand ? `/v1/stock/ACME/MAIN/${sku}/receipts` : `/v1/inventory/ACME/MAIN/${sku}`
    return new Promise((resolve) => {
      const done = (outcome: string): void => {
        open -= 1
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
        resolve()
      }
      const sent = request(
        {
          hostname,
          port,
          path,
          agent,
          method: isCommand ? 'POST' : 'GET',
          headers: isCommand
            ? { authorization, 'idempotency-key': `${name}-${n}`, 'content-type': 'application/json' }
            : { authorization },
        },
        (answer) => {
          answer.resume()
          answer.on('error', (error) => done(error.message))
          answer.on('end', () => {
            const micros = Math.max(1, Math.round((performance.now() - due) * 1_000))
            if (answer.statusCode === 503) {
              times.turnedAway.record(micros)
              if (answer.headers['retry-after'] === undefined) withoutRetryAfter += 1
            } else times.accepted.record(micros)
            done(String(answer.statusCode))
          })
        },
      )
      sent.on('error', (error: Error & { code?: string }) => done(error.code ?? error.message))
      sent.end(isCommand ? receipt : undefined)
    })
  }

  const start = performance.now()
  const end = start + seconds * 1_000
  if ('callers' in load) {
    const callers = Array.from({ length: load.callers }, async () => {
      while (performance.now() < end) await call(performance.now())
    })
    await Promise.all(callers)
  } else {
    let due = 0
    while (performance.now() < end) {
      for (const now = performance.now(); start + due * (1_000 / load.rate) <= now; due += 1)
        void call(start + due * (1_000 / load.rate))
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    const patience = performance.now() + 30_000
    while (open > 0 && performance.now() < patience) await new Promise((resolve) => setTimeout(resolve, 10))
    if (open > 0) outcomes['no answer'] = open
  }
  const took = (performance.now() - start) / 1_000
  agent.destroy()
  const quantiles = (times_: ReturnType<typeof createHistogram>): Quantiles => ({
    p50: times_.percentile(50) / 1_000,
    p99: times_.percentile(99) / 1_000,
    p999: times_.percentile(99.9) / 1_000,
    max: times_.max / 1_000,
  })
  return {
    offered,
    outcomes,
    accepted: quantiles(times.accepted),
    turnedAway: quantiles(times.turnedAway),
    withoutRetryAfter,
    sentLate: quantiles(times.late),
    seconds: 'callers' in load ? took : seconds,
  }
}

process.once('message', (order) => {
  // sent by overload.ts
  void run(order as CallOrder).then((report) => process.send?.(report, () => process.exit(0)))
})
