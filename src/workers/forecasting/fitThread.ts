import { parentPort } from 'node:worker_threads'
import { fitSeries } from '../../domain/forecasting/fitSeries.ts'
import type { FitAnswer, FitRequest } from './fitMany.ts'

if (!parentPort) throw new Error('fitThread runs as a worker thread')
const port = parentPort

port.on('message', ({ series, horizon, options }: FitRequest) => {
  try {
    port.postMessage({ fits: series.map((y) => fitSeries(y, horizon, options)) } satisfies FitAnswer)
  } catch (error) {
    port.postMessage({
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    } satisfies FitAnswer)
  }
})
