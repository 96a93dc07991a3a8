import { businessTime, instantOf } from '../kernel/businessTime.ts'
import type { Paper, PaperLanguage, PaperPart, PaperRow, PaperTable } from '../kernel/paper.ts'
import type { AlertDigest, DigestAlert, DigestCount } from './alertDigest.ts'
import { alertKinds } from './alertKinds.ts'
import { digestWords } from './digestWords.ts'

const measures = ['raised', 'ended', 'acknowledged', 'open'] as const

/** A digest on paper: nothing of it depends on when it is made. */
export function digestPaper(digest: AlertDigest, language: PaperLanguage): Paper {
  const words = digestWords[language]
  const { companyId, role, dealerId, period, from, to, zone, knownAt, alerts, leftOff, counts } = digest
  const reader = [role, dealerId].filter((part) => part !== null).join(' · ')
  const days = words.days(from, to, zone)
  const tables = [
    tableOf(
      digest,
      words.headings.raised,
      alerts.filter(({ isNew }) => isNew),
      language,
    ),
    tableOf(
      digest,
      words.headings.before,
      alerts.filter(({ isNew }) => !isNew),
      language,
    ),
  ]
  const parts: readonly PaperPart[] = [
    {
      kind: 'facts',
      facts: [
        { label: words.labels.company, value: companyId },
        { label: words.labels.reader, value: reader },
        { label: words.labels.period, value: days },
        { label: words.labels.open, value: totalOf(counts, 'open').toString(), strong: true },
      ],
    },
    ...(counts.length === 0 ? [{ kind: 'text', lines: [words.nothing] } as const] : [countsOf(digest, language)]),
    ...tables.filter(({ rows }) => rows.length > 0),
    {
      kind: 'text',
      heading: words.headings.proof,
      lines: [...(leftOff > 0 ? [words.leftOff(leftOff)] : []), words.meaning],
    },
  ]
  return {
    language,
    name: [words.file, dealerId ?? companyId, role, from, period].join('-'),
    title: words.title[period],
    subtitle: `${reader} · ${days}`,
    parts,
    footer: [words.rests(knownAt)],
  }
}

function countsOf({ counts }: AlertDigest, language: PaperLanguage): PaperTable {
  const words = digestWords[language]
  return {
    kind: 'table',
    heading: words.headings.counts,
    columns: [
      { title: words.columns.kind },
      { title: words.columns.severity },
      ...measures.map((measure) => ({ title: words.labels[measure], digits: 0 })),
    ],
    rows: counts.map((count) => [
      nameOf(count, language),
      words.severity[count.severity],
      ...measures.map((measure) => count[measure].toString()),
    ]),
    totals: [[words.total, '', ...measures.map((measure) => totalOf(counts, measure).toString())]],
  }
}

function totalOf(counts: readonly DigestCount[], measure: (typeof measures)[number]): number {
  return counts.reduce((sum, count) => sum + count[measure], 0)
}

function tableOf(
  { zone }: AlertDigest,
  heading: string,
  alerts: readonly DigestAlert[],
  language: PaperLanguage,
): PaperTable {
  const words = digestWords[language]
  const { columns } = words
  return {
    kind: 'table',
    heading,
    columns: [
      { title: columns.raisedAt },
      { title: columns.severity },
      { title: columns.kind },
      { title: columns.subject },
      { title: columns.dealer },
      { title: columns.code },
      { title: columns.state },
      { title: columns.alert, filesOnly: true },
    ],
    rows: alerts.map((alert): PaperRow => [
      clock(alert.raisedAt, zone),
      words.severity[alert.severity],
      nameOf(alert, language),
      alert.subject,
      alert.dealerId ?? '',
      alert.code,
      stateOf(alert, zone, language),
      alert.alertId,
    ]),
  }
}

function stateOf(
  { endedAt, acknowledgedAt, acknowledgedBy }: DigestAlert,
  zone: string,
  language: PaperLanguage,
): string {
  const { state } = digestWords[language]
  if (endedAt !== null) return state.ended(clock(endedAt, zone))
  return acknowledgedAt === null ? state.open : state.acknowledged(acknowledgedBy ?? '', clock(acknowledgedAt, zone))
}

function nameOf({ kind }: Pick<DigestAlert, 'kind'>, language: PaperLanguage): string {
  const { en, zh } = alertKinds[kind]
  return language === 'en' ? en : zh
}

function clock(utc: string, zone: string): string {
  return businessTime(instantOf(utc), zone).slice(0, 16).replace('T', ' ')
}
