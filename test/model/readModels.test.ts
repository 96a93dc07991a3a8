import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { orderAggregate } from '../../src/domain/orders/decide.ts'
import { generationSchema } from '../../src/projections/engine/schema.ts'
import { accountsModel } from '../../src/projections/models/accounts/model.ts'
import { inventoryModel } from '../../src/projections/models/inventory/model.ts'
import { ordersModel } from '../../src/projections/models/orders/model.ts'
import { rebatesModel } from '../../src/projections/models/rebates/model.ts'
import { openReadModels, type OpenReadModels } from '../support/readModels.ts'
import { begin } from './channel.ts'
import { parse, type World } from './oracle/world.ts'
import { balancesOf, levelsOf, quantitiesOf, show } from './oracle/picture.ts'
import { newModel, steps } from './steps.ts'
import { baseLog, openSystem } from './system.ts'

const isLong = process.env['CHANNEL_LEDGER_LONG'] === '1'
const sequences = isLong ? 200 : 4
const seed = Number(process.env['MODEL_SEED'] ?? 7)
const models = [ordersModel, inventoryModel, accountsModel, rebatesModel]
let readModels: OpenReadModels

beforeAll(async () => {
  readModels = await openReadModels(models, begin)
})
afterAll(() => readModels.close())

/** Decimal text in its shortest form. */
const plain = (text: unknown): string => show(parse(String(text)))

async function tableOf(model: string, table: string): Promise<Record<string, unknown>[]> {
  const { rows } = await readModels.pool.query<{ id: string }>(
    `select id::text from projections.generations where model = $1 and state = 'active'`,
    [model],
  )
  const found = await readModels.pool.query(`select * from ${generationSchema(model, rows[0]!.id)}.${table}`)
  return found.rows as Record<string, unknown>[] // rows of a table, by column name
}

const lineColumns = [
  'ordered',
  'cancelled',
  'backordered',
  'confirmed',
  'allocated',
  'shipped',
  'delivered',
  'returned',
  'ordered_value',
  'cancelled_value',
  'shipped_value',
  'delivered_value',
  'returned_value',
]
const balanceColumns = ['placed', 'confirmed', 'delivered', 'receivable', 'unapplied', 'credits']

/** A row by its key and its figures. */
function said(row: Record<string, unknown>, key: readonly string[], columns: readonly string[]): string {
  return `${key.map((column) => String(row[column])).join('/')} ${columns.map((column) => plain(row[column])).join(' ')}`
}

/** The ready rows of PostgreSQL in the words below. */
async function shown(): Promise<string[]> {
  const lines = await tableOf('orders', 'lines')
  const levels = await tableOf('inventory', 'levels')
  const exposures = await tableOf('accounts', 'exposures')
  const positions = await tableOf('rebates', 'positions')
  return [
    ...lines.map((row) => said(row, ['order_id', 'line_no'], lineColumns)),
    ...levels.map((row) => said(row, ['location', 'sku'], ['on_hand', 'allocated', 'backordered', 'in_transit'])),
    ...exposures.map((row) => said(row, ['dealer_id'], balanceColumns)),
    ...positions.map((row) => said(row, ['dealer_id', 'period_id'], ['settled', 'clawed_back', 'accrued'])),
  ]
    .filter((line) => !/^\S+( 0)+$/.test(line))
    .toSorted()
}

function expected(world: World): string[] {
  const lines: string[] = []
  for (const order of world.orders.values())
    for (const line of order.lines) {
      const { ordered, cancelled, shipped, delivered, returned } = line.money
      const values = [ordered, cancelled, shipped, delivered, returned].map(({ value }) => value)
      lines.push(`${order.id}/${line.no} ${[...quantitiesOf(line), ...values].map(show).join(' ')}`)
    }
  for (const key of [...world.prices.keys()].flatMap((sku) => [`MAIN/${sku}`, `EAST/${sku}`])) {
    lines.push(`${key} ${levelsOf(world, key).map(show).join(' ')}`)
  }
  for (const [dealer, account] of world.accounts) {
    lines.push(`${dealer} ${balancesOf(account).join(' ')}`)
  }
  for (const [key, { settled, clawedBack, accrued }] of world.settlements)
    lines.push(`${key} ${settled} ${clawedBack} ${accrued}`)
  return lines.filter((line) => !/^\S+( 0)+$/.test(line)).toSorted()
}

/** Every byte of every table of the read models. */
async function bytes(): Promise<string> {
  const { rows } = await readModels.pool.query<{ name: string }>(
    `select schemaname || '.' || tablename as name from pg_tables where schemaname like 'rm\\_%' order by 1`,
  )
  const texts = await Promise.all(
    rows.map(async ({ name }) => {
      const { rows: found } = await readModels.pool.query<{ text: string | null }>(
        `select string_agg(t::text, E'\\n' order by t::text) as text from ${name} t`,
      )
      return found[0]?.text ?? ''
    }),
  )
  return texts.join('\n\n')
}

it(
  `the read models in PostgreSQL say what the oracle says, and a refused command changes no byte of them (SEED=${seed})`,
  { timeout: 3_600_000 },
  async () => {
    const base = await baseLog()
    let compared = 0
    // the longest of many, so that every table has something to say
    const drawn = fc.sample(steps, { numRuns: sequences * 10, seed }).map((commands) => [...commands])
    for (const commands of drawn.toSorted((a, b) => b.length - a.length).slice(0, sequences)) {
      const system = await openSystem(base)
      const model = newModel(new Map())
      await fc.asyncModelRun(() => ({ model, real: system }), commands)
      if (system.isDead()) system.restart()
      system.heal()
      await system.work()
      await readModels.fold(await system.events())
      const says = await shown()
      expect(model.worlds.map(expected)).toContainEqual(says)
      compared += says.length

      const before = { log: system.digest(), tables: await bytes() }
      const shipment = {
        type: 'DispatchShipment',
        orderId: 'O001',
        shipmentId: 'X',
        lines: [{ lineNo: 1, quantity: '9999' }],
      }
      const refused = await system.execute(orderAggregate, shipment as never, 'refused')
      expect(refused.ok).toBe(false)
      expect(system.digest()).toBe(before.log)
      await readModels.fold(await system.events())
      expect(await bytes()).toBe(before.tables)
    }
    expect(compared).toBeGreaterThan(sequences * 4)
  },
)
