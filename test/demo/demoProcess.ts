import { createHash } from 'node:crypto'
import { produceEvents } from '../../src/runtime/demo/produceEvents.ts'

// compiled, so that the simulation has a thread of its own: prints the digest of its log
const [, , until = ''] = process.argv
const texts: string[] = []
await produceEvents({ seed: 1, scale: 1, until, kek: Buffer.alloc(32, 9) }, async ({ events }) => {
  texts.push(...events.map(({ envelope, data }) => `${envelope} ${data}`))
})
const where = import.meta.url.endsWith('.js') ? 'thread' : 'process'
process.stdout.write(`${where} ${createHash('sha256').update(texts.join('\n')).digest('hex')}\n`)
