import { createHash } from 'node:crypto'
import { productAggregate } from '../../domain/catalogue/decide.ts'
import type { Load } from '../../domain/kernel/decider.ts'
import { canonicalJson } from '../../ledger/canonicalJson.ts'
import type { CommandHandler, Outcome } from '../../ledger/commands.ts'
import { openAdventureWorks } from './adventureWorks.ts'
import { createCachedLoad } from './cachedLoad.ts'
import { documentsOf, rejected, type Document } from './documents.ts'
import { kinds, type Kind, type Surroundings } from './kinds.ts'
import { createLanes } from './lanes.ts'
import { openDirectory, type Source } from './openDirectory.ts'
import { isFinding, type Finding, type Row } from './row.ts'
import type { Step } from './step.ts'

export interface ImportPorts {
  readonly handler: CommandHandler
}

export interface ImportOptions {
  /** a data set with a mapping of its own; the neutral format when absent */
  readonly dataSet?: 'adventureworks' | undefined
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

/** Documents on their way at once, over all streams. */
const inFlight = 400

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
    const record = recorder({ handler, source, kind, summary, report, dryRun })
    for await (const item of documentsOf(kind, heads, kind.lines && source.rows(kind.lines.name))) {
      if (signal?.aborted) break
      if (!isFinding(item)) await record.add(item)
      else {
        if (item.consequence === 'rejected') summary.rejected += 1
        report(item)
      }
    }
    await record.drained()
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

interface Recording {
  readonly handler: CommandHandler
  readonly source: Source
  readonly kind: Kind
  readonly summary: KindSummary
  readonly report: (finding: Finding) => void
  readonly dryRun: boolean
}

/** Turns the documents of one kind into commands and their outcomes into findings. */
function recorder({ handler, source, kind, summary, report, dryRun }: Recording): {
  add(document: Document): Promise<void>
  drained(): Promise<void>
} {
  const lanes = createLanes(inFlight)
  // what other kinds have said stands while this one is imported
  const load: Load = createCachedLoad(handler.load)
  const around: Surroundings = { company: source.company, zone: source.zone, load }
  /** one document may stand in a file twice: the second waits for the first */
  const underWay = new Map<string, Promise<void>>()

  return {
    async add(document) {
      const { head } = document
      summary.documents += 1
      const steps = await kind.steps(document, around)
      const shapeless = shapeFindings(document, steps)
      if (shapeless.length > 0) {
        summary.rejected += 1
        for (const finding of shapeless) report(finding)
        return
      }
      if (dryRun) return
      const key = kind.key(head.values)
      const name = JSON.stringify(key)
      const requestHash = hashOf(document)
      const lane = await kind.lane(head.values, around)
      await lanes.add(lane, async (turn, pass) => {
        const earlier = underWay.get(name)
        const done = work(turn, pass, earlier)
        underWay.set(name, done)
        await done.finally(() => {
          if (underWay.get(name) === done) underWay.delete(name)
        })
      })

      async function work(turn: Promise<void>, pass: () => void, earlier: Promise<void> | undefined): Promise<void> {
        if (kind.together) await Promise.all(steps.map((step) => step.prepare(load)))
        await turn
        await earlier
        const outcomes: Outcome[] = []
        for (const step of steps) {
          const answer = step.run(handler, metaOf(step, key, requestHash))
          if (kind.together) pass()
          const outcome = await answer
          outcomes.push(outcome)
          if (!outcome.ok) break
        }
        await settle(document, outcomes)
      }
    },
    drained: () => lanes.drained(),
  }

  function metaOf(
    { at, part }: Step,
    [number, line, revision]: readonly [string, string, string],
    requestHash: string,
  ) {
    const { system } = source
    return {
      at,
      actor: 'import',
      source: { kind: 'import' as const, system, document: number, ...(line !== '' && { line }) },
      correlationId: `import-${system}`,
      recorded: true,
      idempotency: {
        principal: 'import',
        route: `${system}/${kind.name}`,
        key: JSON.stringify([number, line, revision, part]),
        requestHash,
      },
    }
  }

  async function settle(document: Document, outcomes: readonly Outcome[]): Promise<void> {
    const { head } = document
    const refused = outcomes.find((outcome) => !outcome.ok)
    const events = outcomes.flatMap((outcome) => (outcome.ok ? outcome.events : []))
    const written = outcomes.flatMap((outcome) => (outcome.ok && !outcome.replayed ? outcome.events : []))
    summary.events += written.length
    if (refused && !refused.ok) {
      const { refused: code, details } = refused.refusal
      if (code === 'server.busy' || code === 'ledger.contention') throw new Error(`the ledger is too busy: ${code}`)
      const isConflict = code === 'idempotency.key_reused' || code === 'object.exists'
      if (isConflict) summary.conflicts += 1
      else summary.rejected += 1
      report({
        file: head.file,
        line: head.line,
        code: code === 'idempotency.key_reused' ? 'import.conflict' : code,
        values: { document: kind.key(head.values).filter(Boolean).join(' '), ...textsOf(details) },
        consequence: isConflict ? 'conflict' : 'rejected',
      })
    } else if (written.length > 0) summary.recorded += 1
    else summary.known += 1

    const broken = [...events.flatMap(({ data }) => breachesOf(data)), ...(refused ? [] : await unknownSkus(document))]
    if (broken.length > 0) summary.withBreach += 1
    for (const { code, lineNo, details } of broken) {
      const row = rowOf(document, lineNo)
      report({ file: row.file, line: row.line, code, values: details, consequence: 'recorded with breach' })
    }
  }

  async function unknownSkus({ head, lines }: Document): Promise<readonly FoundBreach[]> {
    if (!kind.checksSku) return []
    const found: FoundBreach[] = []
    for (const { values } of lines.length > 0 ? lines : [head]) {
      const sku = values['sku'] ?? ''
      const lineNo = Number(values['line_number'])
      if (!(await load(productAggregate, sku)).known)
        found.push({ code: 'catalogue.unknown_sku', details: { sku }, ...(lineNo > 0 && { lineNo }) })
    }
    return found
  }
}

interface FoundBreach {
  readonly code: string
  readonly lineNo?: number
  readonly details: Readonly<Record<string, string>>
}

function breachesOf(data: unknown): readonly FoundBreach[] {
  // events with breaches have them in this shape (kernel/breach.ts); they passed their schema
  return (data as { breaches?: readonly FoundBreach[] }).breaches ?? []
}

function rowOf({ head, lines }: Document, lineNo: number | undefined): Row {
  return lineNo === undefined ? head : (lines.find(({ values }) => values['line_number'] === String(lineNo)) ?? head)
}

/** A document with a value of the wrong shape is not taken; its other rows say because of which one. */
function shapeFindings(document: Document, steps: readonly Step[]): readonly Finding[] {
  const { head, lines } = document
  const found = new Map<Row, Finding>()
  for (const { field, rule } of steps.flatMap(({ issues }) => issues)) {
    const [, index] = /^lines\.(\d+)/.exec(field) ?? []
    const row = (index === undefined ? undefined : lines[Number(index)]) ?? head
    const column = columnOf(field)
    const value = row.values[column]
    if (!found.has(row))
      found.set(
        row,
        rejected(row, {
          code: 'import.value',
          values: { field, ...(value !== undefined && { value: value.slice(0, 200) }), rule: rule.slice(0, 200) },
        }),
      )
  }
  const [first] = found.keys()
  if (!first) return []
  const because = { code: 'import.document_incomplete', values: { because: `${first.file}:${first.line}` } } as const
  return [...new Set([head, ...lines])].map((row) => found.get(row) ?? rejected(row, because))
}

/** The last name of a path in the words of the files: `lines.2.lineNo` is line_number. */
function columnOf(field: string): string {
  const name = field.split('.').findLast((part) => !/^\d+$/.test(part)) ?? field
  return name === 'lineNo' ? 'line_number' : name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function hashOf({ head, lines }: Document): string {
  const rows = [head.values, ...lines.map(({ values }) => values)]
  return createHash('sha256').update(canonicalJson(rows)).digest('hex')
}

function textsOf(details: Readonly<Record<string, unknown>>): Record<string, string> {
  const texts = Object.entries(details).map(([key, value]) => [
    key,
    (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).slice(0, 200),
  ])
  return Object.fromEntries(texts) as Record<string, string>
}

function emptySummary(): KindSummary {
  return { documents: 0, recorded: 0, known: 0, withBreach: 0, rejected: 0, conflicts: 0, events: 0 }
}
