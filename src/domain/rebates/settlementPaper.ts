import { calendarDate, instantOf, zoneOf } from '../kernel/businessTime.ts'
import type { Period } from '../calendars/state.ts'
import type { DealerAt } from '../dealers/state.ts'
import { minorDigits, minorToMicros } from '../kernel/currency.ts'
import { formatDecimal } from '../kernel/decimal.ts'
import { grouped, percent, sumOf } from '../kernel/decimalText.ts'
import { localText } from '../kernel/localText.ts'
import type { Paper, PaperFacts, PaperLanguage, PaperNode, PaperPart, PaperRow, PaperTable } from '../kernel/paper.ts'
import type { BasisFact } from './basisFact.ts'
import type { SettlementEvent } from './events.ts'
import type { ExplanationNode } from './explanation.ts'
import { bandOf, conditionOf, outletOf, volumeIn } from './programmeText.ts'
import { programmeWords } from './programmeWords.ts'
import { settlementWords } from './settlementWords.ts'
import type { Gate, Terms } from './terms.ts'

export type CalculatedSettlement = Extract<SettlementEvent, { type: 'SettlementCalculated' }>['data']

/** What a settlement was calculated from, as it was known then. */
export interface StatementSources {
  readonly calculated: CalculatedSettlement
  readonly terms: Terms
  readonly period: Period
  /** of the calendar */
  readonly zone: string
  /** those behind the leaves of the explanation, and others */
  readonly facts: readonly BasisFact[]
  readonly dealer: DealerAt | undefined
}

interface Explained extends StatementSources {
  readonly tree: ExplanationNode
  readonly hash: string
  readonly isVerified: boolean
}

/**
 * The statement that goes to the dealer with a settlement: who pays whom how much, how it comes about, and every line with its share.
 * It says what was calculated, nothing that happened later, so it is the same whenever it is made.
 */
export function settlementPaper(settlement: Explained, language: PaperLanguage): Paper {
  const { calculated, terms, tree, hash, isVerified } = settlement
  const words = settlementWords[language]
  const { programmeId, dealerId, currency, periodId, settlementNo, watermark, cutOff } = calculated
  const { headings } = words
  const conditions = conditionsOf(settlement, language)
  const parts: PaperPart[] = [
    ...(isVerified ? [] : [{ kind: 'text', lines: [words.notVerified] } as const]),
    factsOf(settlement, language),
    {
      kind: 'tree',
      heading: headings.calculation,
      digits: minorDigits(currency),
      nodes: [nodeOf(tree, settlement, language)],
    },
    ...(conditions.length === 0 ? [] : [{ kind: 'text', heading: headings.conditions, lines: [conditions] } as const]),
    linesOf(settlement, language),
    { kind: 'text', heading: headings.proof, lines: proofOf(settlement, language) },
  ]
  return {
    language,
    name: [words.file, programmeId, dealerId, currency, periodId, settlementNo].join('-'),
    title: words.title,
    subtitle: `${localText(terms.name, language)} · ${periodId}`,
    parts,
    footer: [words.fingerprint(hash), words.rests(watermark, cutOff)],
  }
}

function factsOf({ calculated, terms, period, zone, dealer }: Explained, language: PaperLanguage): PaperFacts {
  const words = settlementWords[language]
  const { labels } = words
  const { programmeId, dealerId, currency, periodId, settlementNo, kind, postedIn, cutOff, calculation } = calculated
  const due = minorToMicros(BigInt(calculated.due), currency)
  const digits = minorDigits(currency)
  const money = `${currency} ${grouped(formatDecimal(due < 0n ? -due : due), digits)}`
  const legal = dealer && localText(dealer.legalName, language)
  const volume = (figure: string): string =>
    terms.measure === 'units'
      ? volumeIn(terms, programmeWords[language])(figure)
      : `${currency} ${grouped(figure, digits)}`
  const { measure, version } = programmeWords[language]
  const last = calendarDate(period.endInstant - 1, zone)
  return {
    kind: 'facts',
    facts: [
      { label: labels.payer, value: terms.payer },
      {
        label: labels.dealer,
        value: [legal, dealerId, dealer?.legalId].filter((part) => part !== undefined).join(' · '),
      },
      {
        label: labels.programme,
        value: [localText(terms.name, language), programmeId, version(calculated.programmeVersion)].join(' · '),
      },
      {
        label: labels.period,
        value: `${periodId} · ${words.dates(calendarDate(period.startInstant, zone), last)}`,
      },
      {
        label: labels.settlement,
        value: [
          words.settlement(settlementNo, kind),
          ...(postedIn === periodId ? [] : [words.postedIn(postedIn)]),
        ].join(' · '),
      },
      { label: labels.cutOff, value: clockText(cutOff) },
      { label: `${labels.volume} (${measure[terms.measure]})`, value: volume(calculation.volume) },
      { label: labels.outlet, value: outletOf(terms.outlet, programmeWords[language]).join(' ') },
      ...(calculation.target === undefined ? [] : [{ label: labels.target, value: volume(calculation.target) }]),
      ...(calculation.baseline === undefined ? [] : [{ label: labels.baseline, value: volume(calculation.baseline) }]),
      { label: due < 0n ? labels.overpaid : labels.due, value: money, strong: true },
    ],
  }
}

/** The tree down to tiers; its lines stand in the table. */
function nodeOf(node: ExplanationNode, settlement: Explained, language: PaperLanguage): PaperNode {
  const children = (node.children ?? []).filter(({ code }) => code !== 'line')
  const { code, amount, tier, base, units } = node
  const note = code === 'tier' || code === 'sum' ? noteOf({ tier, base, units }, settlement, language) : undefined
  return {
    text: labelOf(node, settlement, language),
    figure: amount,
    ...(note !== undefined && { note }),
    ...(children.length > 0 && { children: children.map((child) => nodeOf(child, settlement, language)) }),
  }
}

function labelOf(
  { code, tier, missing, settlementNo = 0, disputeId }: ExplanationNode,
  { calculated, terms }: Explained,
  language: PaperLanguage,
): string {
  const words = settlementWords[language]
  switch (code) {
    case 'due':
      return words.due
    case 'earned':
      return words.earned(calculated.programmeVersion)
    case 'tier':
      return tierText(tier?.no ?? 0, language)
    case 'sum':
      return words.sum
    case 'missing':
      return words.missing[missing ?? 'target']
    case 'cap':
      return words.cap
    case 'floor':
      return words.floor
    case 'gate':
      return words.gate
    case 'rounding':
      return words.rounding(programmeWords[language].rounding[terms.rounding.mode])
    case 'settled':
      return about(words.settled(settlementNo))
    case 'clawed_back':
      return about(words.clawedBack(settlementNo))
    case 'awarded':
      return about(words.awarded(settlementNo))
    case 'line':
      return ''
  }

  function about(text: string): string {
    return disputeId === undefined ? text : words.ofDispute(text, disputeId)
  }
}

function tierText(no: number, language: PaperLanguage): string {
  const words = settlementWords[language]
  return no === 0 ? words.noTier : words.tier(no)
}

/** What a tier applied to how much, or a sum was paid how often. */
function noteOf(
  { tier, base = '0', units }: Pick<ExplanationNode, 'tier' | 'base' | 'units'>,
  { terms, calculated }: Explained,
  language: PaperLanguage,
): string | undefined {
  if (!tier) return undefined
  const words = settlementWords[language]
  const { list } = programmeWords[language]
  const money = (figure: string): string => grouped(figure, minorDigits(calculated.currency))
  const { no, from, to, rate, each, times } = tier
  if (rate === undefined) return words.times(money(each ?? '0'), grouped(times ?? '0'))
  return list([
    bandOf({ from, to, rate }, boundOf(terms, no, language), programmeWords[language]),
    ...(units === undefined ? [] : [words.units(volumeIn(terms, programmeWords[language])(units))]),
    words.onBase(money(base)),
  ])
}

/** Bounds are volumes, ratios or days, as the shape has it; what an attainment earns above the target is a volume again. */
function boundOf(terms: Terms, no: number, language: PaperLanguage): (figure: string) => string {
  const { method } = terms
  switch (method.kind) {
    case 'attainment':
      return no > method.tiers.length ? volumeIn(terms, programmeWords[language]) : percent
    case 'growth':
      return method.on === 'growth' ? volumeIn(terms, programmeWords[language]) : percent
    case 'mix':
      return percent
    case 'early-payment':
      return programmeWords[language].days
    default:
      return volumeIn(terms, programmeWords[language])
  }
}

function conditionsOf({ tree, terms }: Explained, language: PaperLanguage): string[] {
  const words = settlementWords[language]
  const gates = tree.children?.[0]?.children?.find(({ code }) => code === 'gate')?.gates ?? []
  return gates.flatMap(({ found, open }, n) => {
    const gate = terms.gates?.[n]
    if (!gate) return []
    const condition = conditionOf(gate, terms, programmeWords[language])
    const figure = found === undefined ? words.nothingFound : figureOf(gate, terms, language)(found)
    return [open ? words.met(condition, figure) : words.notMet(condition, figure)]
  })
}

/** What a gate found: a volume, a number, days or a score. */
function figureOf({ kind }: Gate, terms: Terms, language: PaperLanguage): (figure: string) => string {
  switch (kind) {
    case 'minimum':
    case 'attainment':
    case 'mix':
      return volumeIn(terms, programmeWords[language])
    case 'payment':
    case 'collection':
      return programmeWords[language].days
    default:
      return grouped
  }
}

function proofOf({ calculated, terms, isVerified }: Explained, language: PaperLanguage): string[] {
  const words = settlementWords[language]
  const { watermark, calculation } = calculated
  return [
    isVerified ? words.verified(watermark) : words.notVerified,
    words.addsUp,
    ...(calculation.otherUnits === 0 ? [] : [words.otherUnits(calculation.otherUnits, terms.unit ?? '')]),
  ]
}

/** Columns that are looked into. */
const at = { base: 7, earnedBefore: 8, share: 10 } as const

/** Every line in the order of the tree. What lies in two tiers has two lines, and its quantity on the first. */
function linesOf({ tree, facts, zone, calculated, terms }: Explained, language: PaperLanguage): PaperTable {
  const words = settlementWords[language]
  const { columns } = words
  const factsById = new Map(facts.map((fact) => [factKey(fact), fact]))
  const counted = new Set<string>()
  const parts = tree.children?.[0]?.children ?? []
  const rows = parts.flatMap(({ tier, children = [] }) =>
    children.flatMap((line): PaperRow[] => {
      const { source, amount, base = '', units, earnedBefore = '' } = line
      if (!source) return []
      const key = factKey(source)
      const fact = factsById.get(key)
      const quantity = units ?? (counted.has(key) ? '' : (fact?.quantity ?? ''))
      counted.add(key)
      return [
        [
          tierText(tier?.no ?? 0, language),
          fact ? calendarDate(instantOf(fact.occurredAt), zone) : '',
          source.orderId ?? '',
          source.sku,
          words.kind[source.kind],
          quantity,
          quantity === '' ? '' : (terms.unit ?? fact?.unit ?? ''),
          base,
          earnedBefore,
          rateText(tier, calculated.currency),
          amount,
          fact?.occurredAt ?? '',
          source.eventId,
          String(source.lineNo),
        ],
      ]
    }),
  )
  const digits = (column: number): number => Math.max(minorDigits(calculated.currency), ...lengthsOf(rows, column))
  const all = [
    { title: columns.tier },
    { title: columns.date },
    { title: columns.order },
    { title: columns.sku },
    { title: columns.kind },
    { title: columns.quantity, digits: 0 },
    { title: columns.unit },
    { title: columns.base, digits: digits(at.base) },
    { title: columns.earnedBefore, digits: digits(at.earnedBefore) },
    { title: columns.rate },
    { title: columns.share, digits: digits(at.share) },
    { title: columns.time, filesOnly: true },
    { title: columns.event, filesOnly: true },
    { title: columns.eventLine, digits: 0, filesOnly: true },
  ]
  const isStacked = rows.some((row) => row[at.earnedBefore] !== '')
  const isKept = (column: number): boolean => isStacked || column !== at.earnedBefore
  const keep = <T>(row: readonly T[]): T[] => row.filter((_cell, column) => isKept(column))
  const total = sumOf(rows.map((row) => row[at.share] ?? '0'))
  return {
    kind: 'table',
    heading: words.headings.lines,
    columns: [{ title: columns.no, digits: 0 }, ...keep(all)],
    rows: rows.map((row, n) => [String(n + 1), ...keep(row)]),
    ...(rows.length > 0 && {
      totals: [['', ...keep(all.map((_column, n) => (n === 0 ? words.total : n === at.share ? total : '')))]],
    }),
  }
}

function lengthsOf(rows: readonly PaperRow[], column: number): number[] {
  return [rows.reduce((most, row) => Math.max(most, (row[column] ?? '').split('.')[1]?.length ?? 0), 0)]
}

/** `2025-04-01T00:00:00.000+08:00[Asia/Shanghai]` as people read it. */
function clockText(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 19)} (${zoneOf(time)})`
}

function rateText(tier: ExplanationNode['tier'], currency: string): string {
  if (tier?.rate !== undefined) return percent(tier.rate)
  return tier?.each === undefined ? '' : grouped(tier.each, minorDigits(currency))
}

function factKey({ eventId, lineNo }: { readonly eventId: string; readonly lineNo: number }): string {
  return `${eventId}/${lineNo}`
}
