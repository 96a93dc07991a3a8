import type { LightMyRequestResponse } from 'fastify'
import { resources } from '../../src/api/resources.ts'
import { noStream } from '../../src/ledger/eventStore.ts'
import type { StaffName } from '../support/api.ts'
import type { GrownApi } from '../support/grownApi.ts'
import type { Attack } from './attack.ts'
import { mismatches } from './jsonSchema.ts'
import { documentedAnswer, type Operation } from './operations.ts'

/** What only our own code or the database would say. */
const innards =
  /node_modules|\bat \S+ \(|\.ts:\d+|\/src\/|select .* from |insert into|syntax error|relation "|column "|pg_|ECONN|Error:/gi

export interface Count {
  sent: number
  accepted: number
  refused: number
  milliseconds: number
  /** codes of the problems that it was answered with */
  codes: Record<string, number>
}

export interface Fuzzer {
  /**
   * Sends a request and whatever else its answer calls for, `follow` after each that may have moved the log. Throws what is wrong
   * with an answer.
   */
  send(operation: Operation, attack: Attack, as: StaffName, follow?: () => Promise<void>): Promise<void>
  readonly counts: ReadonlyMap<string, Count>
  readonly kinds: ReadonlyMap<string, number>
  sent(): number
}

export function createFuzzer(api: GrownApi): Fuzzer {
  const counts = new Map<string, Count>()
  const kinds = new Map<string, number>()
  let sent = 0
  let keys = 0

  async function inject(operation: Operation, attack: Attack, headers: Record<string, string>) {
    sent += 1
    const count = counts.get(operation.id) ?? { sent: 0, accepted: 0, refused: 0, milliseconds: 0, codes: {} }
    counts.set(operation.id, count)
    const { url, payload } = attack
    const began = performance.now()
    const answer = await inTime(
      api.app.inject({
        method: operation.method as 'GET', // one of those that the document has
        url,
        headers,
        ...(payload !== undefined && { payload }),
      }),
      `${operation.method} ${url} ${JSON.stringify(headers)} ${payload?.slice(0, 2_000) ?? ''}`,
    )
    count.sent += 1
    count.milliseconds += performance.now() - began
    if (answer.statusCode < 300) count.accepted += 1
    else {
      count.refused += 1
      const [, code = 'none'] = /"code":"([^"]+)"/.exec(answer.body) ?? []
      count.codes[code] = (count.codes[code] ?? 0) + 1
    }
    return answer
  }

  return {
    counts,
    kinds,
    sent: () => sent,
    async send(operation, attack, as, follow = async () => undefined) {
      kinds.set(attack.kind, (kinds.get(attack.kind) ?? 0) + 1)
      keys += 1
      const headers = await headersOf(api, operation, attack, as, `fuzz-${keys}`)
      const before = await api.store.head()
      const answer = await inject(operation, attack, headers)
      const complain = complaintsAbout(operation, attack, as, headers, answer)
      checkAnswer(operation, attack, answer, complain)
      const isRead = operation.method === 'GET'
      if ((isRead || answer.statusCode >= 300) && (await api.store.head()) !== before) complain('the log has grown')
      if (answer.statusCode >= 300) return
      if (!isRead) await follow()
      if (!isRead && operation.headers.includes('idempotency-key')) {
        const length = await api.store.head()
        const again = await inject(operation, attack, headers)
        if (again.statusCode !== answer.statusCode || again.body !== answer.body)
          complain(`a repeat answers ${again.statusCode} ${again.body}`)
        if ((await api.store.head()) !== length) complain('a repeat has an effect')
      }
      if (isRead && hasNext(answer) && keys % 10 === 0) await readOn(operation, attack, headers, answer, complain)
    },
  }

  /** Every page of a list: none empty before the last, no row twice, all of one moment. */
  async function readOn(
    operation: Operation,
    attack: Attack,
    headers: Record<string, string>,
    first: LightMyRequestResponse,
    complain: (what: string) => never,
  ): Promise<void> {
    const isLog = operation.id === 'events.list'
    const [address = '', search = ''] = attack.url.split('?')
    const seen = new Set<string>()
    let answer = first
    for (let pages = 0; ; pages++) {
      const { items, next, knownAt } = answer.json<{ items: unknown[]; next: string | null; knownAt?: string }>()
      for (const item of items) {
        const text = JSON.stringify(item)
        if (isLog && seen.has(text)) complain(`${text} stands on two pages`)
        seen.add(text)
      }
      if (next === null) return
      if (items.length === 0 && !isLog) complain('an empty page that is not the last')
      if (knownAt !== first.json<{ knownAt?: string }>().knownAt) complain('pages of different moments')
      if (pages > 2_000) complain('pages without an end')
      const query = new URLSearchParams(search)
      query.set(isLog ? (query.has('stream') ? 'from' : 'after') : 'cursor', next)
      query.set('limit', '500')
      answer = await inject(operation, { ...attack, url: `${address}?${query.toString()}` }, headers)
      if (answer.statusCode !== 200) complain(`page ${pages + 2} answers ${answer.statusCode} ${answer.body}`)
    }
  }
}

function hasNext(answer: LightMyRequestResponse): boolean {
  return /"next":"/.test(answer.body.slice(-9_000))
}

function checkAnswer(
  operation: Operation,
  attack: Attack,
  answer: LightMyRequestResponse,
  complain: (what: string) => never,
): void {
  const { statusCode, body } = answer
  // the read models of this test stand still while commands move the log
  const isBehind = statusCode === 503 && body.includes('"code":"projection.behind"')
  if (statusCode >= 500 && !isBehind) complain('a fault of ours')
  if (attack.isRefused && statusCode < 400) complain('what nobody should send is accepted')
  const mediaType = String(answer.headers['content-type']).split(';')[0] ?? ''
  // an address that is no route's, or none at all, is answered before the operation
  if (statusCode >= 400 && mediaType !== 'application/problem+json') complain(`a problem as ${mediaType}`)
  const schema = documentedAnswer(operation, statusCode, mediaType)
  if (!schema) complain(`an answer that the document does not have: ${mediaType}`)
  // a paper or a table: what is in it is for other tests
  if (!mediaType.endsWith('json')) return
  const wrong = mismatches(schema ?? {}, JSON.parse(body))
  if (wrong.length > 0) complain(`an answer unlike its schema: ${wrong.slice(0, 3).join('; ')}`)
  if (statusCode < 400) return
  const [ours, theirs] = [body.replaceAll(/"correlationId":"[^"]*"/g, ''), saidBy(attack)]
  if ([...ours.matchAll(innards)].some(([told]) => !theirs.includes(told))) complain('an answer that shows our innards')
}

/** What a problem may give back: the words of who asked. */
function saidBy({ url, payload = '' }: Attack): string {
  try {
    return `${decodeURIComponent(url.replaceAll('+', ' '))} ${payload}`
  } catch {
    return `${url} ${payload}`
  }
}

function complaintsAbout(
  operation: Operation,
  { kind, url, payload }: Attack,
  as: string,
  headers: object,
  answer: LightMyRequestResponse,
): (what: string) => never {
  return (what) => {
    const said = `${answer.statusCode} ${answer.body.slice(0, 1_500)}`
    throw new Error(
      `${what}\n${operation.method} ${url.slice(0, 1_000)} (${operation.id}, ${kind}, as ${as})\n${JSON.stringify(headers)}\n${payload?.slice(0, 3_000) ?? 'no body'}\n→ ${said}`,
    )
  }
}

async function headersOf(
  api: GrownApi,
  operation: Operation,
  attack: Attack,
  as: StaffName,
  key: string,
): Promise<Record<string, string>> {
  const wanted: Record<string, string> = { authorization: `ApiKey ${as}.${as}` }
  if (operation.headers.includes('idempotency-key')) wanted['idempotency-key'] = key
  if (operation.headers.includes('if-match')) {
    const revision = await revisionOf(api, operation, attack.url)
    wanted[revision === noStream ? 'if-none-match' : 'if-match'] = revision === noStream ? '*' : `"${revision}"`
  }
  const all = { ...wanted, ...attack.headers }
  return Object.fromEntries(Object.entries(all).filter(([name]) => !attack.without.includes(name)))
}

/** The revision that a well-meaning caller has read before it changes the object. */
async function revisionOf(api: GrownApi, { url }: Operation, sent: string): Promise<number> {
  const pattern = url.replaceAll(/\{(\w+)\}/g, ':$1')
  const resource = resources.find(({ path }) => pattern === path || pattern.startsWith(`${path}/`))
  if (!resource) throw new Error(`${url} is no object's`)
  const names = resource.path.split('/')
  const parts = sent.split('?')[0]?.split('/') ?? []
  const params = Object.fromEntries(
    names.flatMap((name, index) => (name.startsWith(':') ? [[name.slice(1), decodeSafely(parts[index] ?? '')]] : [])),
  )
  const { revision } = await api.ports.handler.loadWithRevision(resource.aggregate, resource.id(params))
  return revision
}

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const patience = 120_000

async function inTime<T>(answer: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer to ${what}`)), patience)
  })
  return Promise.race([answer, late]).finally(() => clearTimeout(timer))
}
