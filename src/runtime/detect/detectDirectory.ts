import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { defaultPriceRules } from '../../domain/detection/defaultRules.ts'
import type { Finding } from '../../domain/detection/judge.ts'
import { judgeHistory } from '../../domain/detection/judgeHistory.ts'
import { priceListsAggregate } from '../../domain/pricing/priceLists.ts'
import { aggregates } from '../../domain/registry.ts'
import type { PriceRules } from '../../domain/violations/pricePolicy.ts'
import { createCommandHandler } from '../../ledger/commandHandler.ts'
import type { RecordedEvent } from '../../ledger/envelope.ts'
import { createEventRegistry } from '../../ledger/eventRegistry.ts'
import { openMemoryStore } from '../../ledger/memory/memoryStore.ts'
import { createKeyring } from '../../ledger/personal/keyring.ts'
import { createMemoryKeyStore } from '../../ledger/personal/memoryKeyStore.ts'
import { createLedgerGoods } from '../../workers/claims/ledgerGoods.ts'
import { createLedgerSightings } from '../../workers/diversion/ledgerSightings.ts'
import { createLedgerTrade } from '../../workers/violations/ledgerTrade.ts'
import { importDirectory, type ImportSummary } from '../import/importDirectory.ts'
import { now } from '../ledger.ts'

/** A row of the files that a finding rests on. */
export interface EvidenceRow {
  /** the kind of file, as docs/import.md names it */
  readonly file: string
  /** the document's own number, and its line where the file has lines of its own */
  readonly document: string
  readonly line?: string
  readonly role: string
}
export interface DirectoryFinding extends Omit<Finding, 'evidence' | 'about'> {
  readonly evidence: readonly EvidenceRow[]
}

export interface DetectOptions {
  readonly rules?: PriceRules | undefined
  readonly system?: string | undefined
  readonly company?: string | undefined
  readonly zone?: string | undefined
  readonly signal: AbortSignal
  readonly onProgress?: (done: number, of: number, what: string) => void
}

/** Files that were read into a ledger in memory, to be judged as often as one likes. */
export interface ReadChannel {
  readonly summary: ImportSummary
  judge(options: Pick<DetectOptions, 'rules' | 'signal' | 'onProgress'>): Promise<readonly DirectoryFinding[]>
}

/**
 * Everything that detection finds in the files of a directory, and in nothing else: they are imported into a ledger in memory,
 * and judged there as a back-test is.
 */
export async function detectDirectory(
  dir: string,
  options: DetectOptions,
): Promise<{ readonly summary: ImportSummary; readonly findings: readonly DirectoryFinding[] }> {
  const { summary, judge } = await readChannel(dir, options)
  return { summary, findings: await judge(options) }
}

export async function readChannel(dir: string, options: Omit<DetectOptions, 'rules'>): Promise<ReadChannel> {
  const registry = createEventRegistry(aggregates)
  const store = openMemoryStore({ clock: now })
  const random = (size: number): Uint8Array => randomBytes(size)
  const keyring = createKeyring({ keyStore: createMemoryKeyStore(), kek: randomBytes(32), random, now })
  const handler = createCommandHandler({
    store,
    registry,
    keyring,
    random,
    now,
    sleep: async (milliseconds) => sleep(milliseconds),
  })
  const importing = { ...options, onProgress: (done: number, of: number) => options.onProgress?.(done, of, 'reading') }
  const summary = await importDirectory({ handler }, dir, importing)
  const upTo = await store.head()
  const rows = new Map<string, Omit<EvidenceRow, 'role'>>()
  const companies = new Set<string>()
  for (let after = 0n, atHead = false; !atHead;) {
    const page = await store.readAll({ after, limit: 5_000 })
    for (const event of page.events) {
      rows.set(event.id, rowOf(event))
      if (event.type === 'DealerRegistered') companies.add((event.data as { companyId: string }).companyId)
    }
    ;({ position: after, atHead } = page)
  }
  const trade = createLedgerTrade({ store, registry })
  const goods = createLedgerGoods({ store, registry })
  const sightings = createLedgerSightings({ store, registry })
  const judge: ReadChannel['judge'] = async ({ rules = defaultPriceRules, signal, onProgress }) => {
    const findings: Finding[] = []
    for (const companyId of companies) {
      const published = (await handler.load(priceListsAggregate, companyId)).lists
      const lists = rules.lists.length > 0 ? rules.lists : published.map(({ listId }) => listId)
      const window = { from: 0, until: Date.UTC(9999, 0, 1), upTo }
      const policy = { versions: [{ ...rules, lists }] }
      const sources = { load: handler.load, trade, movements: goods.movements, sightings }
      const progress = (done: number, of: number): void => onProgress?.(done, of, 'judging')
      findings.push(...(await judgeHistory(sources, { companyId, policy, window, signal, onProgress: progress })))
    }
    return findings.map(({ evidence, about: _about, ...finding }) => ({
      ...finding,
      evidence: evidence.flatMap(({ eventId, role }) => {
        const row = rows.get(eventId)
        return row ? [{ ...row, role }] : []
      }),
    }))
  }
  return { summary, judge }
}

const files: Readonly<Record<string, string>> = {
  OrderPlaced: 'orders',
  ResaleReported: 'stock-movements',
  MarketPriceObserved: 'market-prices',
  PaymentAllocated: 'payments',
  PriceChanged: 'prices',
  ShipmentDispatched: 'shipments',
  StockOpened: 'stock-openings',
  ScanObserved: 'scans',
  SerialShipped: 'serial-moves',
  SerialTransferred: 'serial-moves',
}

function rowOf({ type, source }: RecordedEvent): Omit<EvidenceRow, 'role'> {
  const { document = '', line } = source as { document?: string; line?: string }
  return { file: files[type] ?? type, document, ...(line !== undefined && { line }) }
}
