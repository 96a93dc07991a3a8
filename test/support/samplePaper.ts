import type { Paper, PaperLanguage } from '../../src/domain/kernel/paper.ts'

/** Names that break careless printing: markup, quotes, right to left, emoji, a line of its own, rare and Polish letters. */
export const names = {
  markup: `<script>alert("1 & 2")</script> O'Neill & 'Söhne'`,
  rightToLeft: 'שלום \u202Eabc',
  emoji: '自行车 🚲 店',
  rare: '𬱖龑（镕基）堃淼㛃有限公司',
  european: 'Łódź Ďurčok Œuvre Ελλάς Київ',
} as const

/** One of everything, with a table of so many rows. */
export function samplePaper(rows: number, language: PaperLanguage = 'en'): Paper {
  return {
    language,
    name: 'sample',
    title: 'Statement 对账单',
    subtitle: 'First quarter 2025',
    parts: [
      {
        kind: 'facts',
        facts: [
          ...Object.entries(names).map(([label, value]) => ({ label, value })),
          { label: 'Due', value: 'USD 1,234.50', strong: true },
        ],
      },
      {
        kind: 'text',
        heading: 'Terms',
        lines: [
          'Each part earns its own rate:',
          ['from 0: 1 %', 'from 100: 2 %'],
          '精确结果仅取整一次，四舍五入。'.repeat(8),
        ],
      },
      {
        kind: 'tree',
        heading: 'Calculation',
        digits: 2,
        nodes: [
          {
            text: 'Due',
            figure: '1234.5',
            children: [
              { text: 'Tier 1', note: 'from 0: 1 %', figure: '1234.499999' },
              { text: 'Rounding', figure: '0.000001' },
            ],
          },
        ],
      },
      {
        kind: 'bars',
        heading: 'Bars',
        most: '100',
        markedBy: 'Median',
        bars: [
          { label: 'Sales', figure: '55.5', text: '55.5', mark: '70' },
          { label: 'Nothing', text: 'no data' },
        ],
      },
      {
        kind: 'table',
        heading: 'Lines / 明细',
        columns: [
          { title: 'No.', digits: 0 },
          { title: 'Order' },
          { title: 'Product' },
          { title: 'Value', digits: 2 },
          { title: 'Event', filesOnly: true },
        ],
        rows: [...Array(rows).keys()].map((n) => [
          String(n + 1),
          `SO-${100_000 + n}`,
          n % 3 === 0 ? '山地车 = 红色' : 'Road bike',
          `${n % 7 === 0 ? '-' : ''}${1000 + n}.5`,
          `event-${n}`,
        ]),
        totals: [['', 'Total', '', '12345678901.25', '']],
      },
    ],
    footer: ['Fingerprint abc', 'Position 12'],
  }
}
