import { parentPort, workerData } from 'node:worker_threads'
import { serveThread, type ProduceOptions } from './produceEvents.ts'

if (!parentPort) throw new Error('demoThread runs as a worker thread')
const options = workerData as ProduceOptions // what `produceEvents` gives it
await serveThread(parentPort, { ...options, kek: Buffer.from(options.kek) })
// the port's listener would keep the thread
parentPort.close()
