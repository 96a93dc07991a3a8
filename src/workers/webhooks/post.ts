import { lookup as resolveByDns } from 'node:dns/promises'
import { request as requestHttp, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { joinSignals } from '../../ledger/joinSignals.ts'
import { isPublicAddress } from './publicAddress.ts'

export interface Address {
  readonly address: string
  readonly family: number
}

export interface PostOptions {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** for everything: name, connection, answer; default 10,000 ms */
  readonly timeoutMs?: number
  /** all addresses of a name; the system's resolver when absent */
  readonly resolve?: (hostname: string) => Promise<readonly Address[]>
  /** for tests and receivers in the same network: no address is refused */
  readonly allowPrivate?: boolean
  readonly signal?: AbortSignal
}

/** The answer's status, or in one or two words why there is none: nothing of the answer's content. */
export type Posted = { readonly status: number } | { readonly failure: string }

/** of an answer, the rest is not read */
const answerBytes = 16 * 1024

/**
 * POSTs to an address that somebody outside has given. The name is resolved once, every address it has must be public, and
 * the connection goes to what was checked: a name that answers differently the second time (DNS rebinding) gains nothing.
 * Redirects are answers like others; no proxy, no connection kept. Never rejects.
 */
export async function post(options: PostOptions): Promise<Posted> {
  const { url, timeoutMs = 10_000, resolve = allAddresses, allowPrivate = false } = options
  const { signal, release } = joinSignals(options.signal ? [options.signal] : [], timeoutMs)
  try {
    const target = new URL(url)
    const hostname = target.hostname.replace(/^\[|\]$/g, '')
    const family = isIP(hostname)
    const addresses = family === 0 ? await unlessAborted(resolve(hostname), signal) : [{ address: hostname, family }]
    if (addresses.length === 0) return { failure: 'name without address' }
    if (!allowPrivate && !addresses.every(({ address }) => isPublicAddress(address)))
      return { failure: 'address refused' }
    return { status: await send(target, options, addresses, signal) }
  } catch (error) {
    if (options.signal?.aborted) return { failure: 'stopped' }
    return { failure: signal.aborted ? 'timeout' : codeOf(error) }
  } finally {
    release()
  }
}

const allAddresses = (hostname: string): Promise<Address[]> => resolveByDns(hostname, { all: true, verbatim: true })

function send(target: URL, options: PostOptions, addresses: readonly Address[], signal: AbortSignal): Promise<number> {
  const { headers, body } = options
  const pinned: LookupFunction = (_hostname, { all }, callback) => {
    const [first] = addresses
    if (all) callback(null, [...addresses])
    else callback(null, first?.address ?? '', first?.family)
  }
  const request = target.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const outgoing = request(target, {
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      lookup: pinned,
      agent: false,
      signal,
    })
    outgoing.once('error', reject)
    outgoing.once('response', (answer) => {
      drain(answer).then(() => resolve(answer.statusCode ?? 0), reject)
    })
    outgoing.end(body)
  })
}

/** Lets the receiver finish its answer, within bounds. */
async function drain(answer: IncomingMessage): Promise<void> {
  let bytes = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > answerBytes) break
  }
  answer.destroy()
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    promise.then(resolve, reject)
  })
}

/** `ECONNREFUSED`, `CERT_HAS_EXPIRED`: codes only, a message may quote what the other side sent. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code.slice(0, 64) : 'no answer'
}
