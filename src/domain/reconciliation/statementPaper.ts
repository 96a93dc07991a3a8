import { minorDigits, minorToMicros } from '../kernel/currency.ts'
import { formatDecimal } from '../kernel/decimal.ts'
import { grouped } from '../kernel/decimalText.ts'
import type { Paper, PaperLanguage, PaperTable } from '../kernel/paper.ts'
import type { StatementLine } from './drawStatement.ts'
import type { ReconciliationEvent } from './events.ts'
import type { StatementHead } from './statementText.ts'
import { statementWords } from './statementWords.ts'

export interface PublishedStatement {
  readonly head: StatementHead
  readonly lines: readonly StatementLine[]
  readonly totals: Extract<ReconciliationEvent, { type: 'StatementPublished' }>['data']['totals']
  /** as published */
  readonly fingerprint: string
  readonly watermark: string
  readonly isVerified: boolean
}

/** A statement as it goes to the dealer: what was published and nothing that was said of it later, so it is the same whenever it is made. */
export function statementPaper(statement: PublishedStatement, language: PaperLanguage): Paper {
  const { head, fingerprint, watermark, isVerified } = statement
  const words = statementWords[language]
  const { labels, headings } = words
  const { companyId, dealerId, currency, statementNo, version, periodId, from, until, opening, closing } = head
  const money = (minor: string): string => `${currency} ${grouped(amountText(minor, currency), minorDigits(currency))}`
  const isOwing = closing.startsWith('-')
  return {
    language,
    name: [words.file, dealerId, currency, statementNo, `v${version}`].join('-'),
    title: words.title,
    subtitle: [dealerId, currency, periodId].filter((part) => part !== undefined).join(' · '),
    parts: [
      ...(isVerified ? [] : [{ kind: 'text', lines: [words.notVerified] } as const]),
      {
        kind: 'facts',
        facts: [
          { label: labels.company, value: companyId },
          { label: labels.dealer, value: dealerId },
          { label: labels.statement, value: words.no(statementNo, version) },
          { label: labels.period, value: words.dates(clock(from), clock(until)) },
          { label: labels.opening, value: money(opening) },
          {
            label: isOwing ? labels.owing : labels.owed,
            value: money(isOwing ? closing.slice(1) : closing),
            strong: true,
          },
        ],
      },
      totalsOf(statement, language),
      linesOf(statement, language),
      { kind: 'text', heading: headings.proof, lines: [...words.proof] },
    ],
    footer: [words.fingerprint(fingerprint), words.rests(watermark)],
  }
}

function totalsOf({ head, totals }: PublishedStatement, language: PaperLanguage): PaperTable {
  const { headings, columns, kinds, labels } = statementWords[language]
  const { currency, opening, closing } = head
  const digits = minorDigits(currency)
  return {
    kind: 'table',
    heading: headings.totals,
    columns: [
      { title: columns.kind },
      { title: columns.count, digits: 0 },
      { title: columns.value, digits },
      { title: columns.effect, digits },
    ],
    rows: [
      [labels.opening, '', '', amountText(opening, currency)],
      ...totals.map(({ kind, count, value = '', effect }) => [
        kinds[kind],
        String(count),
        value,
        amountText(effect, currency),
      ]),
    ],
    totals: [[labels.closing, '', '', amountText(closing, currency)]],
  }
}

function linesOf({ head, lines }: PublishedStatement, language: PaperLanguage): PaperTable {
  const { headings, columns, kinds, records, labels } = statementWords[language]
  const { currency, closing } = head
  const digits = minorDigits(currency)
  const blank = Array.from({ length: 6 }, () => '')
  return {
    kind: 'table',
    heading: headings.lines,
    columns: [
      { title: columns.no, digits: 0 },
      { title: columns.date },
      { title: columns.kind },
      { title: columns.document },
      { title: columns.order },
      { title: columns.reference },
      { title: columns.value, digits },
      { title: columns.effect, digits },
      { title: columns.balance, digits },
      { title: columns.detail, filesOnly: true },
      { title: columns.dueOn, filesOnly: true },
      { title: columns.time, filesOnly: true },
      { title: columns.id, filesOnly: true },
    ],
    rows: lines.map((line) => [
      String(line.lineNo),
      line.occurredAt.slice(0, 10),
      records[line.record](kinds[line.kind]),
      line.documentId,
      line.orderId ?? '',
      line.reference ?? '',
      line.value ?? '',
      amountText(line.effect, currency),
      amountText(line.balance, currency),
      line.detail ?? '',
      line.dueOn ?? '',
      line.occurredAt,
      line.lineId,
    ]),
    totals: [['', '', labels.closing, ...blank.slice(0, 5), amountText(closing, currency), '', '', '', '']],
  }
}

function amountText(minor: string, currency: string): string {
  return formatDecimal(minorToMicros(BigInt(minor), currency))
}

/** The local date and time of a business time. */
function clock(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)}`
}
