import { describe, expect, test } from 'vitest'
import { paperHtml } from '../../../src/documents/paperHtml.ts'
import { formatDecimal, parseDecimal } from '../../../src/domain/kernel/decimal.ts'
import type { Paper, PaperNode } from '../../../src/domain/kernel/paper.ts'
import { settle } from '../../../src/domain/rebates/settle.ts'
import { settlementPaper } from '../../../src/domain/rebates/settlementPaper.ts'
import { htmlText } from '../../support/htmlText.ts'
import { seededRandom } from '../../support/seededRandom.ts'
import { kinds, shapeCase, type ShapeCase } from '../../support/shapeCases.ts'

const seed = 20_261_122

/** A case of every shape that pays something on several lines, as it would be settled. */
function paperOf({ terms, currency, facts, prior, target, baseline }: ShapeCase, language: 'en' | 'zh-CN'): Paper {
  const { calculation, due, explanation } = settle({
    programmeId: 'P1',
    terms,
    currency,
    facts,
    prior,
    ...(target !== undefined && { target }),
    ...(baseline !== undefined && { baseline }),
  })
  return settlementPaper(
    {
      calculated: {
        programmeId: 'P1',
        companyId: 'ACME',
        dealerId: 'D1',
        currency,
        periodId: '2025Q1',
        cutOff: '2025-04-01T00:00:00.000+08:00[Asia/Shanghai]',
        watermark: '123',
        settlementNo: 3,
        kind: 'final',
        postedIn: '2025Q2',
        programmeVersion: terms.version,
        basis: terms.basis,
        measure: terms.measure,
        calculation,
        settled: '0',
        clawedBack: '0',
        due: due.toString(),
        explanationHash: 'a'.repeat(64),
        breaches: [],
      },
      terms,
      tree: explanation,
      hash: 'a'.repeat(64),
      isVerified: true,
      period: {
        periodId: '2025Q1',
        grain: 'quarter',
        start: '2025-01-01T00:00:00.000+08:00[Asia/Shanghai]',
        end: '2025-04-01T00:00:00.000+08:00[Asia/Shanghai]',
        startInstant: Date.UTC(2024, 11, 31, 16),
        endInstant: Date.UTC(2025, 2, 31, 16),
        graceDays: 0,
        closedBy: null,
      },
      zone: 'Asia/Shanghai',
      facts,
      dealer: undefined,
    },
    language,
  )
}

const random = seededRandom(seed)
const cases = Array.from({ length: 600 }, () => shapeCase(random))
const sum = (figures: readonly string[]): string =>
  formatDecimal(figures.reduce((so, one) => so + parseDecimal(one), 0n))

describe(`the statement of a settlement (seed ${seed})`, () => {
  test.each(kinds)(
    'of the shape %s: every node is its children added up, and the lines add up to their tiers',
    (kind) => {
      const ofKind = cases.filter(({ terms }) => terms.method.kind === kind)
      let lines = 0
      for (const one of ofKind) {
        const { parts } = paperOf(one, 'en')
        const tree = parts.find((part) => part.kind === 'tree')
        const table = parts.find((part) => part.kind === 'table')
        if (!tree || !table) throw new Error('no tree or no table')
        const check = ({ figure, children }: PaperNode): void => {
          if (!children) return
          expect(sum(children.map((child) => child.figure))).toBe(figure)
          children.forEach(check)
        }
        tree.nodes.forEach(check)
        const share = table.columns.findIndex(({ title }) => title === 'Share')
        const total = table.totals?.[0]?.[share]
        const shares = sum(table.rows.map((row) => row[share] ?? '0'))
        expect(total ?? '0').toBe(shares)
        // a sum that no line could bear stands in the tree alone
        const tiers =
          tree.nodes[0]?.children?.[0]?.children?.filter(({ text }) => /^(Tier|No tier|Sum)/.test(text)) ?? []
        expect([sum(tiers.map(({ figure }) => figure)), '0']).toContain(shares)
        for (const row of table.rows) expect(row).toHaveLength(table.columns.length)
        lines += table.rows.length
      }
      expect(ofKind.length).toBeGreaterThan(15)
      expect(lines).toBeGreaterThan(50)
    },
  )

  test('a line that lies in two tiers shows its quantity once, so that quantities add up too', () => {
    let split = 0
    for (const one of cases.filter(({ terms }) => terms.method.kind === 'marginal' && terms.measure !== 'units')) {
      const table = paperOf(one, 'en').parts.find((part) => part.kind === 'table')
      const quantity = table?.columns.findIndex(({ title }) => title === 'Quantity') ?? 0
      const shown = table?.rows.map((row) => row[quantity] ?? '') ?? []
      split += shown.filter((text) => text === '').length
      const keys = new Set(table?.rows.map((row) => row.slice(-2).join('/')))
      expect(shown.filter((text) => text !== '')).toHaveLength(keys.size)
    }
    expect(split).toBeGreaterThan(10)
  })

  test('reads the same in both languages, figure for figure', () => {
    const figures = (paper: Paper): string[] =>
      paper.parts.flatMap((part) =>
        part.kind === 'table' ? part.rows.flat().filter((cell) => /^-?[\d.]+$/.test(cell)) : [],
      )
    for (const one of cases.slice(0, 100)) expect(figures(paperOf(one, 'zh-CN'))).toEqual(figures(paperOf(one, 'en')))
    const html = cases.slice(0, 100).map((one) => htmlText(paperHtml(paperOf(one, 'zh-CN'))))
    expect(html.filter((text) => /undefined|\[object|NaN/.test(text))).toEqual([])
  })
})
