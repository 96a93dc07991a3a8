import { metricByCode } from '../metrics/registry.ts'
import type { HealthDimension, ScalePoint, WeighedMetric } from './model.ts'
import { usualHealthTerms } from './usualTerms.ts'

/** `docs/health-index.md`: how the health of a dealer is told, with the weights and lines of the usual model. */
export function healthPage(): string {
  const { dimensions, matrix } = usualHealthTerms
  return `# Channel health index and dealer value matrix

This page is made from the code (\`src/domain/health/healthPage.ts\`); a test holds it to that. The five dimensions of the index and their weights are the customer's;
the weights within them, the lines, the matrix, its classes and thresholds are ours, and a company may define others.

## Rules

- A company's model is an event (\`PUT /v1/health-models/<company>\`), in versions that never change; \`GET /v1/health-models\` shows them. Without one, the usual model below is version 0.
- Figures are those of the [registry of metrics](channel-metrics.md), with the digits shown there, over a window of days, as of any instant and as known at any position.
- A metric becomes 0 to 100 points by a straight line through given points, flat before the first and behind the last. \`0:0 0.5:50\` reads: at 0 no points, at 0.5 fifty.
- A dealer that trades in several currencies, or whose goods are told in several units, has the mean of their points. Money in a currency without a line is not judged.
- What nothing is known of is not zero: it is left out, the other weights of its dimension share its own, and the confidence falls by its weight. Two missing dimensions or more: not rated.
- Points, dimensions and the index are weighted means, each rounded half up at six digits from what stands below it, so that every figure can be recomputed from the shown ones.
- Every point opens: \`GET /v1/dealers/<dealer>/health\` names for each metric the address of its measures, and those name their events.
- What derives from a dealer's resale price is part of no metric named here while the company's policy is off: confirmed cases that may not count are shown apart.

## Evaluations

\`POST /v1/health-evaluation-runs\` evaluates all dealers for a period of a calendar, page by page and by one position of the ledger. A draft may be told again; a final evaluation stands, one
for each dealer and period. Its event holds the index, the dimensions, the class, the version, the position and a hash of the figures. The final index also becomes the newest score of
the evaluation \`channel-health\`, whose version is that of the model: define that evaluation once (\`PUT /v1/evaluations/<company>/channel-health\`), and a rebate programme may have it as a gate
(\`{"kind": "score", "evaluation": "channel-health", "version": 1, "score": "60"}\`). Where the model names tiers, a final evaluation proposes the tier that the index reaches; a person assigns it.

With a \`schedule\` in the newest version of the model (\`{"calendarId": "FISCAL", "grain": "quarter", "graceDays": 15, "from": "2026-01-01"}\`) a worker does this by itself: each period of that grain that begins
on \`from\` or later is evaluated finally, once, when so many days after its end are over. All dealers of a run rest on one position of the ledger and one version of the model, also when it was
stopped in between; while the read model is not there yet it waits and tries again. Whom a person evaluated finally before stays so. A dealer of whom no figure at all is known is not evaluated. The schedule
ends with a version without one. Who defines the evaluation \`channel-health\` too late runs the period again by hand: the scores follow from what stands.

## The monthly diagnosis

\`GET /v1/dealers/<dealer>/diagnosis?month=2025-03&format=pdf&language=zh-CN\` is the report for the dealer: index and trend, the value matrix beside the median of at least five others of
the same tier, what moved the index with the events behind it, stock, cases, rebates with what the next tier would add by the rules of the settlement, and advice by named rules.
The same position of the ledger (\`knownAt\`) and version of the model give the same bytes.

\`GET /v1/dealers/<dealer>/diagnoses\` lists the months that are whole, the newest first, with the address of each report as the ledger and the model were then: the months that the calendar of the \`schedule\`
has closed, by the position of that event. Nothing is stored for it, and what comes later changes no report of the list. Where the model has no schedule the list is empty, and
a report is asked for by month and position.

## The index

${dimensions.map((one) => `### ${one.name.en ?? ''} ${one.name['zh-CN'] ?? ''}: ${one.weight} %\n\n${table(one)}`).join('\n\n')}

## The value matrix

Twelve dimensions of equal weight. A dealer with fewer than ${matrix.leastDimensions} of them known has no class. Strategic partner 战略伙伴: a mean of ${matrix.strategicFrom} or more. Growing 成长型: else,
when the mean of ${matrix.growth.join(', ')} is ${matrix.growingFrom} or more. Potential 潜力型: everybody else.

${matrix.dimensions.map((one) => `### ${one.name.en ?? ''} ${one.name['zh-CN'] ?? ''} (\`${one.code}\`)\n\n${table(one)}`).join('\n\n')}
`
}

function table({ metrics }: HealthDimension): string {
  const rows = metrics.map(
    ({ metric, weight, scale }) =>
      `| \`${metric}\` | ${metricByCode(metric)?.name.en ?? ''} | ${weight} % | ${linesOf(scale)} |`,
  )
  return ['| Metric | Name | Weight | Line |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

function linesOf(scale: WeighedMetric['scale']): string {
  if (Array.isArray(scale)) return textOf(scale)
  return Object.entries(scale)
    .map(([currency, line]) => `${currency} ${textOf(line)}`)
    .join('; ')
}

function textOf(line: readonly ScalePoint[]): string {
  return `\`${line.map(({ at, points }) => `${at}:${points}`).join(' ')}\``
}
