import { parentPort, workerData } from 'node:worker_threads'
import { serveThread, type ProduceOptions } from './produceEvents.ts'

if (!parentPort) throw new Error('demoThread runs as a worker thread')
/** what it is started with; a Buffer arrives as plain bytes */
export type ThreadOptions = Omit<ProduceOptions, 'kek'> & { readonly kek: Uint8Array }

const options = workerData as ThreadOptions // what `produceEvents` gives it
await serveThread(parentPort, { ...options, kek: Buffer.from(options.kek) })
// the port's listener would keep the thread
parentPort.close()
