import { createHash } from 'node:crypto'
import pg from 'pg'
import { minorDigits } from '../src/domain/kernel/currency.ts'
import { parseDecimal } from '../src/domain/kernel/decimal.ts'
import { tierKinds, tiersFrom, type TierKind } from '../test/support/volumeProgrammes.ts'

interface Line {
  readonly dealer: string
  readonly currency: string
  readonly quarter: string
  readonly net: string
}

const million = 1_000_000n
/** Of all four programmes, in money of any currency. */
export const tiers = tiersFrom('50000', '150000')
const steps = tiers.map(({ from, to, rate }) => ({
  from: parseDecimal(from),
  to: to === undefined ? undefined : parseDecimal(to),
  rate: parseDecimal(rate),
}))
const rowsAtOnce = 2_000

/**
 * What somebody writes who has the facts in a table and nothing else to care for: all of them by one question, the payouts of four
 * programmes with the share of every line, and two rows for each in one transaction. Answers how many rows it wrote.
 */
export async function settlePlainly(url: string, schema: string, quarters: readonly string[]): Promise<number> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('begin')
    await client.query(
      'create table plain_settlements (stream text, revision integer, type text, data text, primary key (stream, revision))',
    )
    const { rows } = await client.query<Line>(
      `select dealer, currency, to_char(sale at time zone 'UTC', 'YYYY-"Q"Q') as quarter, net from (
        select coalesce(v.dealer_id, o.dealer_id) as dealer, coalesce(v.currency, o.currency) as currency, v.net::text as net, v.at, v.position, v.line_no,
          coalesce(v.sale_instant, o.placed_at::timestamptz) as sale
        from ${schema}.volume_facts v
        left join (select order_id, dealer_id, currency, left(placed_at, strpos(placed_at, '[') - 1) as placed_at from ${schema}.orders_facts) o using (order_id)
        where v.basis = 'ordered' and v.voided_at is null) f
      where to_char(sale at time zone 'UTC', 'YYYY-"Q"Q') = any($1)
      order by dealer, currency, quarter, at, position, line_no`,
      [quarters],
    )
    const groups = new Map<string, Line[]>()
    for (const row of rows) {
      const key = `${row.dealer}/${row.currency}/${row.quarter}`
      const group = groups.get(key)
      if (group) group.push(row)
      else groups.set(key, [row])
    }
    let written = 0
    let waiting: [string, number, string, string][] = []
    for (const kind of tierKinds)
      for (const [key, lines] of groups) {
        waiting.push(...rowsFor(kind, key, lines))
        if (waiting.length < rowsAtOnce) continue
        written += await insert(client, waiting)
        waiting = []
      }
    written += await insert(client, waiting)
    await client.query('commit')
    return written
  } finally {
    await client.end()
  }
}

function rowsFor(kind: TierKind, key: string, lines: readonly Line[]): [string, number, string, string][] {
  const bases = lines.map(({ net }) => parseDecimal(net))
  const { tier, shares } = sharesOf(kind, bases)
  const exact = shares.reduce((sum, share) => sum + share, 0n)
  const [{ currency, dealer, quarter } = { currency: '', dealer: '', quarter: '' }] = lines
  const minor = 10n ** BigInt(minorDigits(currency))
  const amount = (exact * minor * 2n + million * million) / (million * million * 2n)
  const volume = bases.reduce((sum, base) => sum + base, 0n)
  const explained = JSON.stringify(scaled(shares).map((share, n) => [n + 1, share.toString()]))
  const hash = createHash('sha256').update(explained).digest('hex')
  const payout = { programme: kind, dealer, currency, quarter, amount: amount.toString() }
  const calculation = { ...payout, volume: volume.toString(), tier, lines: lines.length, hash }
  const stream = `${kind}/${key}`
  return [
    [stream, 0, 'calculated', JSON.stringify(calculation)],
    [stream, 1, 'approved', JSON.stringify(payout)],
  ]
}

/** What each line earns, times 10¹². */
function sharesOf(kind: TierKind, bases: readonly bigint[]): { tier: number; shares: bigint[] } {
  const volume = bases.reduce((sum, base) => sum + base, 0n)
  if (volume <= 0n) return { tier: 0, shares: bases.map(() => 0n) }
  const tier = steps.findLastIndex(({ from }) => from <= volume)
  const rate = steps[tier]?.rate ?? 0n
  if (kind === 'all-units') return { tier, shares: bases.map((base) => base * rate) }
  const reached = steps.slice(0, tier + 1)
  if (kind === 'total') {
    const sum = reached.reduce((all, step) => all + step.rate, 0n)
    return { tier, shares: bases.map((base) => base * sum) }
  }
  if (kind === 'rolling') {
    const passed = steps.slice(0, tier).reduce((sum, step) => sum + (step.to ?? 0n) * step.rate, 0n)
    const paying = bases.reduce((sum, base) => (base > 0n ? sum + base : sum), 0n)
    const parts = bases.map((base) => (base > 0n ? (passed * base) / paying : 0n))
    const left = passed - parts.reduce((sum, part) => sum + part, 0n)
    return { tier, shares: bases.map((base, n) => base * rate + (parts[n] ?? 0n) + (BigInt(n) < left ? 1n : 0n)) }
  }
  let from = 0n
  const shares = bases.map((base) => {
    const to = from + base
    const share = below(to) - below(from)
    from = to
    return share
  })
  return { tier, shares }
}

/** Marginal tiers up to a volume. */
function below(volume: bigint): bigint {
  let sum = 0n
  for (const { from, to, rate } of steps)
    if (volume > from) sum += ((to !== undefined && volume > to ? to : volume) - from) * rate
  return sum
}

/** Millionths that add up to their rounded sum. */
function scaled(shares: readonly bigint[]): bigint[] {
  const floors = shares.map((share) => share / million)
  const rounded = (shares.reduce((sum, share) => sum + share, 0n) + million / 2n) / million
  let left = rounded - floors.reduce((sum, share) => sum + share, 0n)
  return floors.map((share) => {
    if (left <= 0n) return share
    left -= 1n
    return share + 1n
  })
}

async function insert(client: pg.Client, rows: readonly [string, number, string, string][]): Promise<number> {
  await client.query(
    'insert into plain_settlements select * from unnest($1::text[], $2::integer[], $3::text[], $4::text[])',
    [0, 1, 2, 3].map((column) => rows.map((row) => row[column])),
  )
  return rows.length
}
