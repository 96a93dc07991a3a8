import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { createMemoryLog, type MemoryLog } from '../../ledger/memory/memoryStore.ts'

type Stored = MemoryLog['all'][number]

/** events packed together */
const packSize = 1_000
/** the newest events, which nearly all reads are for, stay as they are */
const looseEvents = 60_000

/**
 * A log in memory that keeps old texts compressed, to about an eighth: ten times the demonstration fits into the memory
 * of an ordinary process. Below 60,000 events it is the plain one.
 */
export function createPackedLog(): MemoryLog {
  const log = createMemoryLog()
  let packed = 0
  return {
    ...log,
    append(stream, events, recordedAt) {
      const result = log.append(stream, events, recordedAt)
      while (log.all.length - packed >= looseEvents + packSize) {
        pack(log.all.slice(packed, packed + packSize))
        packed += packSize
      }
      return result
    },
  }
}

/** Replaces the texts of these events by getters on one compressed block. */
function pack(events: readonly Stored[]): void {
  const block = deflateRawSync(JSON.stringify(events.map(({ envelope, data }) => [envelope, data])), { level: 1 })
  for (const [index, event] of events.entries()) {
    Object.defineProperties(event, {
      envelope: { get: () => textsOf(block)[index]?.[0] ?? '', enumerable: true },
      data: { get: () => textsOf(block)[index]?.[1] ?? '', enumerable: true },
    })
  }
}

let lastBlock: Buffer | undefined
let lastTexts: readonly (readonly [string, string])[] = []

function textsOf(block: Buffer): typeof lastTexts {
  if (block !== lastBlock) {
    lastTexts = JSON.parse(inflateRawSync(block).toString('utf8')) as typeof lastTexts // what `pack` wrote
    lastBlock = block
  }
  return lastTexts
}
