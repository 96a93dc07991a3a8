import { isDivided } from './formula.ts'
import { formulaText } from './formulaText.ts'
import { digitsOf, eventsOf, grainOf, isInternal, type Metric, splitOf } from './metric.ts'
import { metrics } from './registry.ts'

/** The page of the registry in Markdown: what the program knows of its metrics, and nothing else. */
export function registryPage(): string {
  const areas = [...new Set(metrics.map(({ area }) => area))]
  const formulas = new Set(metrics.map(({ formula }) => JSON.stringify(formula)))
  return [
    '# Channel metrics',
    '',
    `${metrics.length} metrics with ${formulas.size} different formulas. This page is made from the program (\`src/domain/metrics\`); after a change: \`CHANNEL_LEDGER_UPDATE_LOCK=1 npx vitest run test/domain/metrics/registryPage.test.ts\`.`,
    '`GET /v1/metrics` answers the same, `GET /v1/metrics/values` their values; [api-guide.md](api-guide.md) has examples.',
    '',
    'How to read a formula: `[…]` is a base measure, summed over the window [from, until) of days in the zone of each event, or, where it says so,',
    'the level at its start or end or the mean of the levels at the ends of its days. A formula is computed from sums, so that a total is never',
    'a sum or mean of the figures of groups. Counts of dealers and products are counted anew for every group, for the same reason.',
    'Money is told per currency and goods per unit of measure; neither is added to another. A value is `null` where the formula would divide by nothing.',
    'What a formula divides is rounded half up at the digits shown (digits after the point); everything else is exact. A share of 0.25 is 25 %.',
    'Whose a figure is (territory, tier, country, category) is told by what is in force at the asked instant.',
    '',
    'Grain: D per dealer, P per product, – the company only. Metrics marked † are for staff; dealers do not see them.',
    '',
    ...areas.flatMap((area) => [
      `## ${area}`,
      '',
      '| Code | Name | 名称 | Definition | 定义 | Unit | Grain | Owner |',
      '| --- | --- | --- | --- | --- | --- | --- | --- |',
      ...metrics.filter((metric) => metric.area === area).map(rowOf),
      '',
    ]),
    '## Events',
    '',
    'What feeds each metric:',
    '',
    '| Metric | Events |',
    '| --- | --- |',
    ...metrics.map((metric) => `| \`${metric.code}\` | ${eventsOf(metric).join(', ')} |`),
    '',
  ].join('\n')
}

function rowOf(metric: Metric): string {
  const { code, name, unit, formula, owner, note } = metric
  const grain = grainOf(metric)
    .map((one) => (one === 'dealer' ? 'D' : 'P'))
    .join(' ')
  const { byCurrency, byUnit } = splitOf(metric)
  const per = [byCurrency && 'currency', byUnit && 'unit'].filter((one) => one !== false)
  const digits = isDivided(formula) ? `, ${digitsOf[unit]} digits` : ''
  const cells = [
    `\`${code}\`${isInternal(metric) ? ' †' : ''}`,
    name.en,
    name['zh-CN'],
    `${formulaText(formula, 'en')}${note ? `. ${note.en}` : ''}`,
    `${formulaText(formula, 'zh-CN')}${note ? `。${note['zh-CN']}` : ''}`,
    `${unit}${digits}${per.length > 0 ? `, per ${per.join(' and ')}` : ''}`,
    grain === '' ? '–' : grain,
    owner,
  ]
  return `| ${cells.join(' | ')} |`
}
