import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/** A line of the acknowledgement ledger, a file that the writers' process keeps: it is never killed. */
export type LedgerLine =
  | {
      /** written before the first byte is sent */
      readonly line: 'sent'
      readonly key: string
      readonly principal: string
      /** method and pattern */
      readonly route: string
      readonly body: string
    }
  | {
      readonly line: 'acknowledged'
      readonly key: string
      readonly status: number
      /** SHA-256 of the answer's body, hex */
      readonly answer: string
      readonly stream: string
      readonly events: readonly (readonly [id: string, revision: number])[]
    }
  /** definitively: whatever was sent before with this key must have had no effect */
  | { readonly line: 'refused'; readonly key: string; readonly status: number; readonly code: string }

/** The lines from a byte on; `end` is where the next call goes on. Lines are written whole. */
export async function readAcknowledgements(
  file: string,
  from = 0,
): Promise<{ readonly lines: readonly LedgerLine[]; readonly end: number }> {
  const lines: LedgerLine[] = []
  let end = from
  for await (const text of createInterface({ input: createReadStream(file, { start: from }) })) {
    lines.push(JSON.parse(text) as LedgerLine) // written by writers.ts
    end += Buffer.byteLength(text) + 1
  }
  return { lines, end }
}
