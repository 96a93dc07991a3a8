import type { LedgerCommandHandler } from '../../ledger/commandHandler.ts'
import { openAdventureWorks } from './adventureWorks.ts'
import { documentsOf } from './documents.ts'
import { kinds } from './kinds.ts'
import { openDirectory, type Source } from './openDirectory.ts'
import { recordDocuments } from './recordDocuments.ts'
import { isFinding, type Finding } from './row.ts'
import { openX12 } from './x12/openX12.ts'

export interface ImportPorts {
  readonly handler: Pick<LedgerCommandHandler, 'factRecorder'>
}

export const dataSets = ['adventureworks', 'x12'] as const
export type DataSet = (typeof dataSets)[number]

export interface ImportOptions {
  /** a data set with a mapping of its own; the neutral format when absent */
  readonly dataSet?: DataSet | undefined
  readonly system?: string | undefined
  readonly company?: string | undefined
  readonly zone?: string | undefined
  /** checks shapes only: nothing is recorded */
  readonly dryRun?: boolean | undefined
  /** what is in flight is finished, the rest left for the next time */
  readonly signal?: AbortSignal | undefined
  readonly onFinding?: (finding: Finding) => void
  /** bytes of the files, read and in all */
  readonly onProgress?: (done: number, total: number, kind: string) => void
}

export interface KindSummary {
  /** documents read: rows, or headers with their lines */
  documents: number
  /** documents that wrote events now */
  recorded: number
  /** documents that had been imported before, or say what is known */
  known: number
  /** documents, recorded or known, that break a rule */
  withBreach: number
  rejected: number
  conflicts: number
  /** events written now */
  events: number
}

export interface ImportSummary {
  readonly outcome: 'complete' | 'stopped' | 'refused'
  readonly system: string
  readonly dryRun: boolean
  readonly events: number
  readonly kinds: Readonly<Record<string, KindSummary>>
  /** rows of the report by code */
  readonly findings: Readonly<Record<string, number>>
}

/**
 * Imports a directory as recorded facts (domain.md §2.14). Ids derive from system, kind and document, so that running it
 * again, after a kill at any moment too, goes on where it stopped and writes nothing twice. A header that cannot be read
 * refuses the whole import before anything is recorded. Throws `ImportError` for a directory that cannot be imported and
 * `StoreUnavailable` when the ledger goes away: run it again.
 */
export async function importDirectory(
  { handler }: ImportPorts,
  dir: string,
  options: ImportOptions,
): Promise<ImportSummary> {
  const { signal, dryRun = false } = options
  let bytes = 0
  let total = 0
  let current = ''
  const onBytes = (count: number): void => {
    bytes += count
    // what is read ahead of the first kind belongs to the total that is known only then
    if (total > 0) options.onProgress?.(Math.min(bytes, total), total, current)
  }
  const source: Source = await (options.dataSet === 'adventureworks'
    ? openAdventureWorks(dir, onBytes)
    : options.dataSet === 'x12'
      ? openX12(dir, { ...options, onBytes })
      : openDirectory(dir, kinds, { ...options, onBytes }))
  total = source.bytes
  const summaries: Record<string, KindSummary> = {}
  const findings: Record<string, number> = {}
  const report = (finding: Finding): void => {
    findings[finding.code] = (findings[finding.code] ?? 0) + 1
    options.onFinding?.(finding)
  }
  for (const obstacle of source.obstacles) report(obstacle)

  for (const kind of source.obstacles.length > 0 ? [] : kinds) {
    const heads = source.rows(kind.name)
    if (!heads || signal?.aborted) continue
    current = kind.name
    const summary = emptySummary()
    summaries[kind.name] = summary
    const recording = recordDocuments({ recorder: handler.factRecorder(), source, kind, summary, report, dryRun })
    for await (const item of documentsOf(kind, heads, kind.lines && source.rows(kind.lines.name))) {
      if (signal?.aborted) break
      if (!isFinding(item)) await recording.add(item)
      else {
        if (item.consequence === 'rejected') summary.rejected += 1
        report(item)
      }
    }
    await recording.drained()
  }
  return {
    outcome: source.obstacles.length > 0 ? 'refused' : signal?.aborted ? 'stopped' : 'complete',
    system: source.system,
    dryRun,
    events: Object.values(summaries).reduce((sum, { events }) => sum + events, 0),
    kinds: summaries,
    findings,
  }
}

function emptySummary(): KindSummary {
  return { documents: 0, recorded: 0, known: 0, withBreach: 0, rejected: 0, conflicts: 0, events: 0 }
}
