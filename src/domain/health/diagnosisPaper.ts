import { minorToMicros } from '../kernel/currency.ts'
import { divideRounded, formatDecimal, parseDecimal } from '../kernel/decimal.ts'
import { localText } from '../kernel/localText.ts'
import type { Paper, PaperBars, PaperLanguage, PaperPart, PaperTable } from '../kernel/paper.ts'
import { metricByCode } from '../metrics/registry.ts'
import { adviceOf, isBelowSafety, isDead, nextTierText } from './advice.ts'
import type { Diagnosis } from './diagnosis.ts'
import { diagnosisWords } from './diagnosisWords.ts'

/** The monthly report of a dealer. It says nothing that is not in the diagnosis: the same diagnosis gives the same paper. */
export function diagnosisPaper(diagnosis: Diagnosis, language: PaperLanguage): Paper {
  const { dealerId, dealerName, month, model, health, knownAt, hash } = diagnosis
  const words = diagnosisWords[language]
  const advice = adviceOf(diagnosis, language)
  return {
    language,
    name: `diagnosis-${dealerId}-${month}`,
    title: words.title,
    subtitle: `${localText(dealerName, language) || dealerId} (${dealerId}) · ${month}`,
    parts: [
      {
        kind: 'facts',
        facts: [
          {
            label: words.index,
            value: health.index === undefined ? words.notRated : oneDigit(health.index),
            strong: true,
          },
          { label: words.dealerClass, value: words.classes[health.matrix.dealerClass ?? 'none'], strong: true },
          { label: words.confidence, value: percentOf(health.confidence) },
          { label: words.model, value: String(model.version) },
        ],
      },
      dimensionBars(diagnosis, language),
      trendBars(diagnosis, language),
      matrixBars(diagnosis, language),
      causesTable(diagnosis, language),
      stockTable(diagnosis, language),
      casesTable(diagnosis, language),
      ...rebateParts(diagnosis, language),
      {
        kind: 'text',
        heading: words.headings.advice,
        lines: advice.length === 0 ? [words.nothing] : [advice.map(({ rule, text }) => `${text} [${rule}]`)],
      },
    ],
    footer: [words.rests(knownAt, model.version), `SHA-256 ${hash}`],
  }
}

function dimensionBars({ model, health }: Diagnosis, language: PaperLanguage): PaperBars {
  const words = diagnosisWords[language]
  return {
    kind: 'bars',
    heading: words.headings.dimensions,
    most: '100',
    bars: health.dimensions.map(({ points, weight, confidence }, n) => ({
      label: `${localText(model.terms.dimensions[n]?.name ?? {}, language)} (${weight} %)`,
      ...(points !== undefined && { figure: points }),
      text: points === undefined ? words.unknown : `${oneDigit(points)} · ${words.known} ${percentOf(confidence)}`,
    })),
  }
}

function trendBars({ trend }: Diagnosis, language: PaperLanguage): PaperBars {
  const words = diagnosisWords[language]
  return {
    kind: 'bars',
    heading: words.headings.trend,
    most: '100',
    bars: trend.map(({ month, index }) => ({
      label: month,
      ...(index !== undefined && { figure: index }),
      text: index === undefined ? words.notRated : oneDigit(index),
    })),
  }
}

function matrixBars({ model, health, peers }: Diagnosis, language: PaperLanguage): PaperBars {
  const words = diagnosisWords[language]
  return {
    kind: 'bars',
    heading: words.headings.matrix,
    most: '100',
    markedBy: words.peers,
    bars: health.matrix.dimensions.map(({ code, points }, n) => {
      const mark = peers.get(code)
      return {
        label: localText(model.terms.matrix.dimensions[n]?.name ?? {}, language),
        ...(points !== undefined && { figure: points }),
        ...(mark !== undefined && { mark }),
        text: points === undefined ? words.unknown : oneDigit(points),
      }
    }),
  }
}

function causesTable({ model, causes }: Diagnosis, language: PaperLanguage): PaperTable {
  const { headings, columns } = diagnosisWords[language]
  return {
    kind: 'table',
    heading: headings.causes,
    columns: [
      { title: columns.dimension },
      { title: columns.metric },
      { title: columns.before, digits: 1 },
      { title: columns.now, digits: 1 },
      { title: columns.effect, digits: 1 },
      { title: columns.events },
    ],
    rows: causes.map(({ dimension, metric, before, now, effect, eventIds }) => [
      localText(model.terms.dimensions.find(({ code }) => code === dimension)?.name ?? {}, language),
      metricByCode(metric)?.name[language] ?? metric,
      oneDigit(before),
      oneDigit(now),
      oneDigit(effect),
      eventIds.join(' '),
    ]),
  }
}

function stockTable({ stock }: Diagnosis, language: PaperLanguage): PaperTable {
  const { headings, columns, flags } = diagnosisWords[language]
  return {
    kind: 'table',
    heading: headings.stock,
    columns: [
      { title: columns.product },
      { title: columns.onHand, digits: 0 },
      { title: columns.sold, digits: 0 },
      { title: columns.days, digits: 0 },
      { title: columns.safety, digits: 0 },
      { title: columns.flag },
    ],
    rows: stock.map((line) => [
      line.sku,
      line.onHand,
      line.sold,
      line.days ?? '',
      line.safety,
      [...(isDead(line) ? [flags.dead] : []), ...(isBelowSafety(line) ? [flags.below] : [])].join(', '),
    ]),
  }
}

function casesTable({ cases }: Diagnosis, language: PaperLanguage): PaperTable {
  const { headings, columns, flags } = diagnosisWords[language]
  return {
    kind: 'table',
    heading: headings.cases,
    columns: [
      { title: columns.case },
      { title: columns.status },
      { title: columns.product },
      { title: columns.what },
      { title: columns.flag },
    ],
    rows: cases.map(({ violationId, status, sku, en, zh, apart }) => [
      violationId,
      status,
      sku,
      language === 'en' ? en : zh,
      apart ? flags.apart : '',
    ]),
  }
}

function rebateParts({ rebates }: Diagnosis, language: PaperLanguage): readonly PaperPart[] {
  const { headings, columns, gates } = diagnosisWords[language]
  const table: PaperTable = {
    kind: 'table',
    heading: headings.rebates,
    columns: [
      { title: columns.programme },
      { title: columns.period },
      { title: columns.volume, digits: 0 },
      { title: columns.earned, digits: 2 },
      { title: columns.currency },
    ],
    rows: rebates.map(({ programmeId, name, periodId, volume, earned, currency }) => [
      localText(name, language) || programmeId,
      periodId,
      volume,
      formatDecimal(minorToMicros(BigInt(earned), currency)),
      currency,
    ]),
  }
  const open = rebates.filter(({ next }) => next !== undefined)
  if (open.length === 0) return [table]
  return [table, { kind: 'text', lines: [open.map((one) => nextTierText(one, language)), gates] }]
}

/** Rounded half up to one digit, for reading; the API has all of them. */
function oneDigit(figure: string): string {
  const tenth = 100_000n
  return formatDecimal(divideRounded(parseDecimal(figure), tenth, 'half-up').value * tenth)
}

function percentOf(share: string): string {
  return `${divideRounded(parseDecimal(share) * 100n, 1_000_000n, 'half-up').value} %`
}
