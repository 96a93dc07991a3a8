import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { decodeEvent } from '../../ledger/decodeEvent.ts'
import type { RecordedEvent } from '../../ledger/envelope.ts'
import type { EventStore } from '../../ledger/eventStore.ts'
import { createMemoryLog, openMemoryStore, type MemoryLog } from '../../ledger/memory/memoryStore.ts'
import { readLimit } from '../../ledger/readLimit.ts'

type Stored = MemoryLog['all'][number]
type Texts = readonly (readonly [envelope: string, data: string])[]

/** decoded events kept at hand; one simulated day writes some hundreds */
const atHand = 8_192
/** events packed together */
const packSize = 1_000
/** the newest events, which nearly all reads are for, are not packed */
const looseEvents = 60_000

/**
 * The store in memory for one simulation. A decoded event is shared by its readers, of which none changes it: decoding
 * anew for each of them took an eighth of the time. Old texts are kept compressed, to about an eighth, so that a
 * demonstration of ten times the size fits into the memory of an ordinary process.
 */
export function openSimulationStore(clock: () => number): EventStore {
  const log = createMemoryLog()
  const store = openMemoryStore({ clock, log })
  const ring = Array.from<RecordedEvent | undefined>({ length: atHand })
  const packs: Buffer[] = []
  let opened: { readonly pack: number; readonly texts: Texts } | undefined

  function packOldest(): void {
    const events = log.all.slice(packs.length * packSize, (packs.length + 1) * packSize)
    packs.push(deflateRawSync(JSON.stringify(events.map(({ envelope, data }) => [envelope, data])), { level: 1 }))
    // the log is this simulation's own, and reads its texts nowhere but here
    for (const event of events) Object.assign(event, { envelope: '', data: '' })
  }

  function textsOf({ position, envelope, data }: Stored): readonly [string, string] {
    if (envelope !== '') return [envelope, data]
    const pack = Math.floor((position - 1) / packSize)
    const block = packs[pack]
    if (block === undefined) throw new RangeError(`no text at position ${position}`)
    // written by `packOldest`
    if (opened?.pack !== pack) opened = { pack, texts: JSON.parse(inflateRawSync(block).toString('utf8')) as Texts }
    return opened.texts[(position - 1) % packSize] ?? ['', '']
  }

  function decoded(stored: Stored): RecordedEvent {
    const { position, recordedAt } = stored
    const known = ring[position % atHand]
    if (known?.position === BigInt(position)) return known
    const [envelope, data] = textsOf(stored)
    return (ring[position % atHand] = decodeEvent(envelope, data, BigInt(position), recordedAt))
  }

  return {
    ...store,
    async append(stream, events, options) {
      const result = await store.append(stream, events, options)
      if (log.all.length >= (packs.length + 1) * packSize + looseEvents) packOldest()
      return result
    },
    async readStream(stream, { from = 0, limit } = {}) {
      return (log.streams.get(stream) ?? []).slice(from, from + readLimit(limit)).map(decoded)
    },
    async readAll({ after, limit, types }) {
      const start = Number(after)
      const scanned = log.all.slice(start, start + readLimit(limit))
      const wanted = types && new Set(types)
      return {
        events: scanned.filter(({ type }) => wanted?.has(type) ?? true).map(decoded),
        position: after + BigInt(scanned.length),
        atHead: start + scanned.length >= log.all.length,
      }
    },
    async findCommand(commandId) {
      const first = log.byId.get(commandId)
      if (first?.commandId !== commandId) return []
      const events = log.streams.get(first.stream) ?? []
      let end = first.revision + 1
      while (events[end]?.commandId === commandId) end += 1
      return events.slice(first.revision, end).map(decoded)
    },
  }
}
