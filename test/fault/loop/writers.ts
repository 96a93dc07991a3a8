import { createHash } from 'node:crypto'
import { openSync, writeSync } from 'node:fs'
import { Agent, request, type ClientRequest, type IncomingHttpHeaders } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '../../support/seededRandom.ts'
import type { LedgerLine } from './acknowledgements.ts'
import type { Finding } from './findings.ts'
import { createTraffic, type TrafficCommand, type Writer } from './traffic.ts'

/** The process that gives the commands, keeps the acknowledgement ledger and sends the signals. It is never killed itself. */
export interface WritersTask {
  readonly url: string
  readonly keys: Readonly<Record<Writer, string>>
  /** of the acknowledgement ledger */
  readonly file: string
  readonly seed: number
  /** commands under way at the same time */
  readonly callers: number
  /** ms after which a request without an answer counts as open */
  readonly requestLimit: number
}

export type WritersOrder =
  | { readonly do: 'load' }
  /** SIGKILL after so many ms, at a moment when a request is under way; to nobody when there are no pids */
  | { readonly do: 'kill'; readonly afterMs: number; readonly pids: readonly number[] }
  /** answers when the load has got so many acknowledgements since its start */
  | { readonly do: 'wait'; readonly acknowledged: number; readonly withinMs: number }
  /** ends the load, repeats what is open with its key until it is settled, and repeats some of what was acknowledged */
  | { readonly do: 'settle'; readonly withinMs: number }
  | { readonly do: 'end' }

export interface KillReport {
  readonly killed: number
  /** requests that had been sent and not answered when the signal went out */
  readonly inFlight: number
}
export interface SettleReport {
  readonly acknowledged: number
  readonly refused: number
  /** answers and lost connections that left the outcome open */
  readonly open: number
  /** of the requests under way at the kill, those whose outcome it left open */
  readonly cut: number
  readonly replayed: number
  readonly reads: number
  readonly findings: readonly Finding[]
}
export type WritersReply = KillReport | SettleReport | { readonly acknowledged: number }

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}
interface Acknowledged {
  readonly command: TrafficCommand
  readonly headers: object
  readonly answer: Answer
}

const task = JSON.parse(process.argv[2] ?? '') as WritersTask
const random = seededRandom(task.seed)
const traffic = createTraffic(random, `k${task.seed.toString(36)}`)
const agent = new Agent({ keepAlive: true, maxSockets: 2 * task.callers })
const ledger = openSync(task.file, 'a')
const sampleShare = 0.1
const sampleSize = 25
const readShare = 0.2

/** commands whose outcome is not known: repeated with their keys */
const open: TrafficCommand[] = []
/** keys of them that the ledger knows as sent */
const announced = new Set<string>()
const revisionSeen = new Map<string, string>()
/** newest revision that was acknowledged, by object */
const newest = new Map<string, number>()
const underWay = new Set<ClientRequest>()
const caught = new Set<ClientRequest>()
let sample: Acknowledged[] = []
/** some of every cycle, for as long as the run goes */
const elders: Acknowledged[] = []
let isLoading = false
let callers: Promise<unknown> = Promise.resolve()
let counts = noCounts()
let findings: Finding[] = []

function noCounts() {
  return { acknowledged: 0, refused: 0, open: 0, cut: 0, replayed: 0, reads: 0 }
}

function find(reason: Finding['reason'], what: string): void {
  if (findings.length < 50) findings.push({ reason, what })
}

function write(line: LedgerLine): void {
  writeSync(ledger, `${JSON.stringify(line)}\n`)
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

function call(as: Writer, method: string, path: string, body?: string, headers: object = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(`${task.url}${path}`, {
      agent,
      method,
      headers: {
        authorization: `ApiKey ${task.keys[as]}`,
        ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        ...headers,
      },
    })
    const end = (isCut: boolean): void => {
      underWay.delete(sent)
      if (caught.delete(sent) && isCut) counts.cut += 1
    }
    sent.setTimeout(task.requestLimit, () => sent.destroy(new Error('no answer')))
    sent.on('error', (error) => {
      end(true)
      reject(error)
    })
    sent.on('response', (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      // a response that breaks off is an error too, and the request does not hear of it
      answer.on('error', (error) => {
        end(true)
        reject(error)
      })
      answer.on('end', () => {
        const status = answer.statusCode ?? 0
        end(status >= 500)
        resolve({ status, headers: answer.headers, text: Buffer.concat(chunks).toString('utf8') })
      })
    })
    // under way once it has a connection: what waits for one cannot be hit
    sent.on('socket', (socket) => {
      const begin = (): void => void (sent.destroyed || underWay.add(sent))
      if (socket.connecting) socket.once('connect', begin)
      else begin()
    })
    sent.end(body)
  })
}

/** Gives a command, or gives it again. True when its outcome is known now. */
async function give(command: TrafficCommand): Promise<boolean> {
  const { key, as, method, pattern, path } = command
  const body = JSON.stringify(command.body)
  try {
    const headers = await headersOf(command)
    if (!headers) return true // its object is gone: it was never given
    if (!announced.has(key))
      write({ line: 'sent', key, principal: as, route: `${method} ${pattern}`, body: hashOf(body) })
    announced.add(key)
    const answer = await call(as, method, path, body, headers)
    const { status, text } = answer
    if (status >= 200 && status < 300) {
      acknowledge(command, headers, answer)
      await readBack(command, answer)
      return true
    }
    const code = codeOf(text)
    const isOpen = status >= 500 || status === 429 || code === 'idempotency.in_flight'
    if (status !== 503 && (isOpen || status === 400 || status === 401 || status === 403)) {
      if (code !== 'idempotency.in_flight') find('unexpected answer', `${status} ${text} to ${key} ${path} ${body}`)
    }
    if (isOpen) {
      counts.open += 1
      return false
    }
    counts.refused += 1
    announced.delete(key)
    write({ line: 'refused', key, status, code })
    return true
  } catch {
    counts.open += 1
    return false
  }
}

/** A change names the revision that its caller has seen; the same at every repeat. Undefined when there is nothing to change. */
async function headersOf({ key, as, object, isChange }: TrafficCommand): Promise<object | undefined> {
  if (!isChange) return { 'idempotency-key': key }
  let seen = revisionSeen.get(key)
  if (seen === undefined) {
    const { status, headers } = await call(as, 'GET', `${object}/revision`)
    if (status >= 500) throw new Error('no revision')
    if (status !== 200 || headers.etag === undefined) return undefined
    revisionSeen.set(key, (seen = headers.etag))
  }
  return { 'idempotency-key': key, 'if-match': seen }
}

interface CommandAnswer {
  readonly stream: string
  readonly revision: number
  readonly position: string
  readonly events: readonly { readonly id: string; readonly revision: number }[]
}

function acknowledge(command: TrafficCommand, headers: object, answer: Answer): void {
  const { stream, revision, events } = JSON.parse(answer.text) as CommandAnswer // the API's commandAnswer
  const { key, object } = command
  write({
    line: 'acknowledged',
    key,
    status: answer.status,
    answer: hashOf(answer.text),
    stream,
    events: events.map((event) => [event.id, event.revision]),
  })
  counts.acknowledged += 1
  announced.delete(key)
  revisionSeen.delete(key)
  newest.set(object, Math.max(newest.get(object) ?? -1, revision))
  traffic.acknowledged(command)
  if (events.length > 0 && random() < sampleShare) {
    if (sample.length < sampleSize) sample.push({ command, headers, answer })
    else sample[Math.floor(random() * sampleSize)] = { command, headers, answer }
  }
}

/** What was acknowledged is there for who asks now: in the log at once, in a read model that is asked for that position. */
async function readBack({ as, object }: TrafficCommand, answer: Answer): Promise<void> {
  if (random() >= readShare) return
  const acknowledged = newest.get(object) ?? -1
  const { status, text } = await call(as, 'GET', `${object}/revision`).catch(() => noAnswer)
  if (status === 503 || status === 0) return
  counts.reads += 1
  const { revision = -1 } = status === 200 ? (JSON.parse(text) as { revision: number }) : {}
  if (revision < acknowledged)
    find('stale read', `${object} is at revision ${revision} (${status}) after ${acknowledged} was acknowledged`)
  if (!object.startsWith('/v1/stock/')) return
  const { position } = JSON.parse(answer.text) as CommandAnswer
  const asked = `${object.replace('/v1/stock/', '/v1/inventory/')}?atLeast=${position}`
  const row = await call(as, 'GET', asked).catch(() => noAnswer)
  if (row.status === 503 || row.status === 0) return
  counts.reads += 1
  const { knownAt = '-1' } = row.status === 200 ? (JSON.parse(row.text) as { knownAt: string }) : {}
  if (BigInt(knownAt) < BigInt(position)) find('stale read', `${asked} rests on ${knownAt} (${row.status})`)
}

const noAnswer: Answer = { status: 0, headers: {}, text: '' }

function codeOf(text: string): string {
  try {
    return (JSON.parse(text) as { code?: string }).code ?? ''
  } catch {
    return ''
  }
}

async function caller(): Promise<void> {
  while (isLoading) {
    const again = open.length > 0 && (open.length > task.callers || random() < 0.5) ? open.shift() : undefined
    const command = again ?? traffic.next()
    if (await give(command)) continue
    open.push(command)
    await sleep(60 + random() * 240)
  }
}

async function kill({ afterMs, pids }: Extract<WritersOrder, { do: 'kill' }>): Promise<KillReport> {
  await sleep(afterMs)
  for (const deadline = performance.now() + 2_000; underWay.size === 0 && performance.now() < deadline;) await sleep(1)
  let killed = 0
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
      killed += 1
    } catch {
      // it has ended by itself; whoever asked sees that nothing was killed
    }
  }
  for (const sent of underWay) caught.add(sent)
  return { killed, inFlight: underWay.size }
}

async function settle(withinMs: number): Promise<SettleReport> {
  isLoading = false
  await callers
  const deadline = performance.now() + withinMs
  while (open.length > 0 && performance.now() < deadline) {
    const batch = open.splice(0, task.callers)
    await Promise.all(
      batch.map(async (command) => {
        if (!(await give(command))) open.push(command)
      }),
    )
  }
  for (const { key, path } of open) find('unexpected answer', `${key} ${path} cannot be settled`)
  const old = Array.from({ length: Math.min(5, elders.length) }, () => elders[Math.floor(random() * elders.length)])
  for (const one of [...sample, ...old.flatMap((elder) => elder ?? [])]) await replay(one)
  const [first] = sample
  if (first) elders.push(first)
  if (elders.length > 500) elders.splice(Math.floor(random() * elders.length), 1)
  sample = []
  caught.clear()
  const report = { ...counts, findings }
  counts = noCounts()
  findings = []
  return report
}

/** The same request again has the identical answer. */
async function replay({ command, headers, answer }: Acknowledged): Promise<void> {
  const { as, method, path, body, key } = command
  const again = await call(as, method, path, JSON.stringify(body), headers).catch(() => noAnswer)
  counts.replayed += 1
  if (again.status !== answer.status || again.text !== answer.text)
    find('replay differs', `${key}: first ${answer.status} ${answer.text}, again ${again.status} ${again.text}`)
}

async function follow(order: WritersOrder): Promise<WritersReply> {
  switch (order.do) {
    case 'load':
      isLoading = true
      callers = Promise.all(Array.from({ length: task.callers }, caller))
      return { acknowledged: 0 }
    case 'kill':
      return kill(order)
    case 'wait':
      for (const until = performance.now() + order.withinMs; performance.now() < until;) {
        if (counts.acknowledged >= order.acknowledged) break
        await sleep(5)
      }
      return { acknowledged: counts.acknowledged }
    case 'settle':
      return settle(order.withinMs)
    case 'end':
      isLoading = false
      setTimeout(() => process.exit(0), 50)
      return { acknowledged: counts.acknowledged }
  }
}

// whoever gave the orders is gone
process.on('disconnect', () => process.exit(1))
process.on('message', (message) => {
  const order = message as WritersOrder // from writersProcess.ts
  follow(order).then(
    (reply) => process.send?.(reply),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
      process.exit(1)
    },
  )
})
