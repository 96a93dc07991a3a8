import { parentPort } from 'node:worker_threads'
import type { Paper } from '../domain/kernel/paper.ts'
import { renderPaper, type PaperFormat } from './renderPaper.ts'

/** What the printer's thread gets, and what it answers, one after another. */
export interface RenderRequest {
  readonly paper: Paper
  readonly format: PaperFormat
}
export type RenderResult = { readonly bytes: Uint8Array } | { readonly error: string }

if (!parentPort) throw new Error('renderThread runs as a worker thread')
const port = parentPort

port.on('message', ({ paper, format }: RenderRequest) => {
  renderPaper(paper, format).then(
    (bytes) => port.postMessage({ bytes } satisfies RenderResult),
    (error: unknown) => port.postMessage({ error: String(error) } satisfies RenderResult),
  )
})
