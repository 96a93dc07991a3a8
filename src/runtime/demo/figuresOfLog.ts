import type { HealthFigure } from '../../domain/health/judgeHealth.ts'
import { type Exact, evaluate, exactOf, sum, valueWriter } from '../../domain/metrics/evaluate.ts'
import { type Input, inputsOf } from '../../domain/metrics/formula.ts'
import { digitsOf, type Metric, splitOf } from '../../domain/metrics/metric.ts'
import type { EventStore } from '../../ledger/eventStore.ts'
import type { Value } from '../../projections/engine/factTable.ts'
import { bucketsOf, windowOf } from '../../projections/models/measures/buckets.ts'
import { measuresModel } from '../../projections/models/measures/model.ts'

interface Change {
  readonly key: Readonly<Record<string, Value>>
  readonly sums: Readonly<Record<string, string | undefined>>
}

/**
 * What metrics say of dealers over [from, until), added up from a log in memory by the facts that the read model is made of, for
 * metrics of what was added to a measure, and where what is added names its dealer. For the simulation, which has no database.
 */
export async function figuresOfLog(
  store: EventStore,
  metrics: readonly Metric[],
  { from, until, upTo }: { readonly from: string; readonly until: string; readonly upTo: bigint },
): Promise<ReadonlyMap<string, readonly HealthFigure[]>> {
  const wanted = new Set(metrics.flatMap(({ formula }) => inputsOf(formula).map(measureIn)))
  const byDealer = new Map<string, Change[]>()
  for (let after = 0n, atHead = false; !atHead;) {
    const page = await store.readAll({ after, limit: 5_000, types: [...(measuresModel.events ?? [])] })
    for (const event of page.events.filter(({ position }) => position <= upTo))
      for (const { table, key, sums = {} } of measuresModel.facts(event)) {
        const dealer = String(key['dealer_id'] ?? '')
        if (table !== 'changes' || dealer === '' || !wanted.has(String(key['measure']))) continue
        const changes = byDealer.get(dealer)
        if (changes) changes.push({ key, sums })
        else byDealer.set(dealer, [{ key, sums }])
      }
    ;({ position: after, atHead } = page)
  }
  return new Map(
    [...byDealer].map(([dealer, changes]) => [
      dealer,
      metrics.flatMap((metric) => figuresOf(metric, changes, from, until)),
    ]),
  )
}

function figuresOf(metric: Metric, changes: readonly Change[], from: string, until: string): readonly HealthFigure[] {
  const { byCurrency, byUnit } = splitOf(metric)
  const shown = valueWriter(metric.formula, digitsOf[metric.unit])
  const [bucket] = bucketsOf(from, until, undefined)
  if (!bucket) return []
  const rowsOf = (input: Input): readonly Change[] => {
    const { start, stop } = windowOf(bucket, input.window)
    const before = input.op === 'measure' && input.take !== 'flow'
    const end = input.op === 'measure' && input.take === 'opening' ? start : stop
    return changes.filter(({ key }) => {
      const day = String(key['day'])
      return key['measure'] === measureIn(input) && day < end && (before || day >= start)
    })
  }
  const splitOfChange = ({ key }: Change): string =>
    `${byCurrency ? String(key['currency']) : ''} ${byUnit ? String(key['unit']) : ''}`
  const read = inputsOf(metric.formula).flatMap(rowsOf)
  const splits = byCurrency || byUnit ? [...new Set(read.map(splitOfChange))].toSorted() : [' ']
  return splits.map((split) => {
    const input = (one: Input): Exact =>
      rowsOf(one)
        .filter((change) => splitOfChange(change) === split)
        .reduce((all, { sums }) => sum(all, exactOf(sums['column' in one ? one.column : 'count'] ?? '0')), exactOf('0'))
    const days = (): number => (Date.parse(until) - Date.parse(from)) / 86_400_000
    const value = evaluate(metric.formula, { input, days })
    const [currency = '', unit = ''] = split.split(' ')
    return {
      metric: metric.code,
      currency: byCurrency ? currency : null,
      unit: byUnit ? unit : null,
      value: value === undefined ? null : shown(value),
    }
  })
}

function measureIn(input: Input): string {
  return input.op === 'episode' ? input.episode : input.measure
}
