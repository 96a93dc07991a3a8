import { z } from 'zod'
import { decodeEvent } from '../../ledger/decodeEvent.ts'
import type { RecordedEvent } from '../../ledger/envelope.ts'

const line = z.tuple([z.string().regex(/^\d{1,20}$/), z.iso.datetime(), z.string(), z.string()])

/** An event as a line of a backup: `[position, recordedAt, envelope, data]`, both texts as they stand in the log. */
export function lineOf({ position, recordedAt, raw }: RecordedEvent): string {
  return JSON.stringify([position.toString(), recordedAt, raw.envelope, raw.data])
}

export function eventOf(text: string): RecordedEvent {
  const [position, recordedAt, envelope, data] = line.parse(JSON.parse(text))
  return decodeEvent(envelope, data, BigInt(position), Date.parse(recordedAt))
}
