import { setTimeout as sleep } from 'node:timers/promises'

/** A connection that is asked a trifle every second. */
export interface Probe {
  /** Resolves with the answer, rejects when the connection broke. */
  ask(): Promise<unknown>
  end(): void
}

interface Watched extends Probe {
  readonly endedAt: () => number | undefined
}

export interface LinkOptions {
  /**
   * Connects anew and has an answer there; gives up, and leaves nothing open, when the signal aborts. Tells `broke` at once when the
   * connection ends, where it can: what is opened after that has nothing to do with it.
   */
  readonly open: (signal: AbortSignal, broke: () => void) => Promise<Probe>
  /** What was opened before this instant (`performance.now`) no longer answers. */
  readonly onDead: (before: number) => void
  /** ms; for tests */
  readonly interval?: number
  readonly patience?: number
}

/**
 * Watches the way from this process to a server. A network that swallows what is sent, or a server that is gone without a word, leaves
 * connections that nobody ends, and each question on them waits for its own limit, or for ever. So one connection asks a trifle every
 * second; when it breaks, or gets no answer within `patience` and a new connection does, those from before are taken for
 * dead. A server that is only slow answers the older connection first, and nothing happens.
 */
export function watchLink({ open, onDead, interval = 1_000, patience = 2_000 }: LinkOptions): { close(): void } {
  const closing = new AbortController()
  const { signal } = closing
  let probe: Watched | undefined
  /** when the connection that was asked broke: others of before may have broken with it and nobody was told */
  let brokenAt: number | undefined

  async function watch(): Promise<void> {
    for (; !signal.aborted; await sleep(interval, undefined, { signal, ref: false })) {
      probe ??= await connect()
      if (!probe) continue
      if (brokenAt !== undefined) onDead(brokenAt)
      brokenAt = undefined
      let outcome = 'waiting' as 'waiting' | 'answered' | 'broken'
      const asked = probe.ask().then(
        () => void (outcome = 'answered'),
        () => void (outcome = 'broken'),
      )
      await Promise.race([asked, sleep(patience, undefined, { signal, ref: false })])
      if (outcome === 'waiting') await doubt(probe, () => outcome === 'waiting')
      else if (outcome === 'broken') {
        brokenAt = probe.endedAt() ?? performance.now()
        leave(probe)
      }
    }
  }

  async function connect(): Promise<Watched | undefined> {
    const limit = new AbortController()
    const timer = setTimeout(() => limit.abort(), patience)
    let endedAt: number | undefined
    try {
      const { ask, end } = await open(limit.signal, () => void (endedAt ??= performance.now()))
      if (!signal.aborted) return { ask, end, endedAt: () => endedAt }
      end()
    } catch {
      // the server is away: tried again
    } finally {
      clearTimeout(timer)
    }
    return undefined
  }

  /** No answer: opens new connections until one side has an answer. */
  async function doubt(silent: Watched, isSilent: () => boolean): Promise<void> {
    while (isSilent() && !signal.aborted) {
      const since = performance.now()
      const fresh = await connect()
      if (fresh && isSilent()) {
        onDead(since)
        leave(silent)
        probe = fresh
        return
      }
      fresh?.end()
      if (isSilent()) await sleep(interval / 4, undefined, { signal, ref: false })
    }
  }

  function leave(old: Watched): void {
    old.end()
    if (probe === old) probe = undefined
  }

  watch().catch(() => undefined) // ends by `close` alone
  return {
    close() {
      closing.abort()
      probe?.end()
    },
  }
}
