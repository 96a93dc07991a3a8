import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Paper } from '../domain/kernel/paper.ts'
import { renderPaper, type PaperFormat } from './renderPaper.ts'
import type { RenderRequest, RenderResult } from './renderThread.ts'

/** Renders papers one after another, beside the thread that answers requests. */
export interface Printer {
  /** Throws `PaperTooLong` and `PrinterBusy`. */
  print(paper: Paper, format: PaperFormat): Promise<Uint8Array>
  close(): Promise<void>
}

/** Rows that a paper may have: what a printer takes for some seconds, or a spreadsheet still opens. */
export const rowLimits: Readonly<Record<PaperFormat, number>> = {
  html: 50_000,
  pdf: 20_000,
  xlsx: 100_000,
  csv: 100_000,
}
/** papers that may wait */
const waitingLimit = 16
/** milliseconds after which an unused thread, with its fonts, is given up */
const idle = 60_000

export class PaperTooLong extends Error {
  override readonly name = 'PaperTooLong'
  readonly rows: number
  readonly limit: number

  constructor(rows: number, limit: number) {
    super(`the paper has ${rows} rows and may have ${limit}`)
    this.rows = rows
    this.limit = limit
  }
}

export class PrinterBusy extends Error {
  override readonly name = 'PrinterBusy'
}

/** Built code renders in a thread of its own; TypeScript files cannot be loaded by a thread on every Node that we support, so there it shares the thread. */
export function createPrinter(): Printer {
  const render = import.meta.url.endsWith('.js') ? createThread() : { run: renderPaper, close: async () => undefined }
  let waiting = 0
  let last: Promise<unknown> = Promise.resolve()
  return {
    async print(paper, format) {
      const rows = paper.parts.reduce((sum, part) => sum + (part.kind === 'table' ? part.rows.length : 0), 0)
      if (rows > rowLimits[format]) throw new PaperTooLong(rows, rowLimits[format])
      if (waiting >= waitingLimit) throw new PrinterBusy('too many papers wait')
      waiting += 1
      const before = last
      const mine = (async () => {
        await before.catch(() => undefined)
        return render.run(paper, format)
      })()
      last = mine
      try {
        return await mine
      } finally {
        waiting -= 1
      }
    },
    close: () => render.close(),
  }
}

function createThread(): { run: typeof renderPaper; close(): Promise<void> } {
  let thread: Worker | undefined
  let rest: NodeJS.Timeout | undefined

  async function close(): Promise<void> {
    clearTimeout(rest)
    const old = thread
    thread = undefined
    await old?.terminate()
  }

  function start(): Worker {
    const worker = new Worker(new URL('./renderThread.js', import.meta.url))
    // one that fails while nobody waits is left for a new one
    worker.on('error', () => {
      if (thread === worker) thread = undefined
    })
    return worker
  }

  return {
    close,
    async run(paper, format) {
      clearTimeout(rest)
      const worker = (thread ??= start())
      const done = new AbortController()
      worker.ref()
      try {
        const answer = once(worker, 'message', { signal: done.signal })
        const end = once(worker, 'exit', { signal: done.signal }).then(() => {
          throw new Error('the printing thread has ended')
        })
        worker.postMessage({ paper, format } satisfies RenderRequest)
        const [result] = (await Promise.race([answer, end])) as [RenderResult] // what renderThread sends
        if ('error' in result) throw new Error(result.error)
        return result.bytes
      } catch (error) {
        await close()
        throw error
      } finally {
        done.abort()
        worker.unref()
        rest = setTimeout(() => void close(), idle).unref()
      }
    },
  }
}
