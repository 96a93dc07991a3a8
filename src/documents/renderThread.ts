import { parentPort } from 'node:worker_threads'
import type { RenderRequest, RenderResult } from './printer.ts'
import { renderPaper } from './renderPaper.ts'

if (!parentPort) throw new Error('renderThread runs as a worker thread')
const port = parentPort

port.on('message', ({ paper, format }: RenderRequest) => {
  renderPaper(paper, format).then(
    (bytes) => port.postMessage({ bytes } satisfies RenderResult),
    (error: unknown) => port.postMessage({ error: String(error) } satisfies RenderResult),
  )
})
