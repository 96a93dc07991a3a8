import { hash } from 'node:crypto'
import { productAggregate } from '../../domain/catalogue/decide.ts'
import { canonicalJson } from '../../ledger/canonicalJson.ts'
import type { CommandMeta } from '../../ledger/commands.ts'
import type { FactOutcome, FactRecorder } from '../../ledger/factRecorder.ts'
import { rejected, type Document } from './documents.ts'
import type { KindSummary } from './importDirectory.ts'
import type { Kind, Surroundings } from './kind.ts'
import type { Source } from './openDirectory.ts'
import type { Finding, Row } from './row.ts'
import type { Step } from './step.ts'

export interface RecordingOptions {
  readonly recorder: FactRecorder
  readonly source: Source
  readonly kind: Kind
  /** counted on */
  readonly summary: KindSummary
  readonly report: (finding: Finding) => void
  readonly dryRun: boolean
}

/** Objects remembered at most, to see which document rests on another one. */
const rememberedObjects = 10_000

/** Turns the documents of one kind into recorded facts, and what becomes of them into findings and counts. */
export function recordDocuments({ recorder, source, kind, summary, report, dryRun }: RecordingOptions): {
  /** Resolves when there is room for another one. */
  add(document: Document): Promise<void>
  drained(): Promise<void>
} {
  const { load } = recorder
  const around: Surroundings = { system: source.system, company: source.company, zone: source.zone, load }
  /** written and looked at since everything was written the last time */
  const touched = new Set<string>()
  const lookedAt = new Set<string>()

  return {
    async add(document) {
      summary.documents += 1
      const steps = await kind.steps(document, around)
      const shapeless = shapeFindings(document, steps)
      if (shapeless.length > 0) {
        summary.rejected += 1
        for (const finding of shapeless) report(finding)
        return
      }
      if (dryRun) return
      await letSettle(document)
      const { values } = document.head
      const key = kind.key(values)
      const requestHash = hashOf(document)
      const facts = steps.map((step) => step.fact(metaOf(step, key, requestHash)))
      await recorder.add(facts, 1 + document.lines.length, (outcomes) => settle(document, outcomes))
    },
    drained: () => recorder.drained(),
  }

  /**
   * What a document rests on is written as far as the file has come to it, and no further: after a kill at any moment
   * the same decision is made again.
   */
  async function letSettle({ head }: Document): Promise<void> {
    const rests = await kind.restsOn?.(head.values, around)
    if (rests === undefined) return
    const { own, others } = rests
    const restsOnUnwritten = others.some((other) => touched.has(other))
    if (restsOnUnwritten || lookedAt.has(own) || touched.size + lookedAt.size > rememberedObjects) {
      await recorder.drained()
      touched.clear()
      lookedAt.clear()
    }
    touched.add(own)
    for (const other of others) if (other !== own) lookedAt.add(other)
  }

  function metaOf(
    { at, part }: Step,
    [number, line, revision]: readonly [string, string, string],
    requestHash: string,
  ): CommandMeta {
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

  async function settle(document: Document, outcomes: readonly FactOutcome[]): Promise<void> {
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
  return hash('sha256', canonicalJson(rows))
}

function textsOf(details: Readonly<Record<string, unknown>>): Record<string, string> {
  const texts = Object.entries(details).map(([key, value]) => [
    key,
    (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).slice(0, 200),
  ])
  return Object.fromEntries(texts) as Record<string, string>
}
