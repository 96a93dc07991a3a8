import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { columnNames } from '../../../src/projections/analytics/analystViews.ts'
import { readModels } from '../../../src/projections/registry.ts'
import { openAnalysts, views, type OpenAnalysts } from '../../support/analysts.ts'
import { openReadModels, type OpenReadModels } from '../../support/readModels.ts'

const page = join(import.meta.dirname, '../../../docs/analytics.md')
const update = process.env['CHANNEL_LEDGER_TEST_UPDATE_DOCS'] !== undefined

let models: OpenReadModels
let analysts: OpenAnalysts

beforeAll(async () => {
  models = await openReadModels(readModels, Date.UTC(2026, 0, 1))
  await models.fold([])
  analysts = await openAnalysts(models)
}, 60_000)
afterAll(async () => {
  await analysts.close()
  await models.close()
})

interface Column {
  readonly view: string
  readonly column: string
  readonly type: string
}

async function installed(): Promise<Column[]> {
  const { rows } = await models.pool.query<Column>(
    `select c.relname as view, a.attname as column, format_type(a.atttypid, null) as type
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
     where c.relnamespace = 'analytics'::regnamespace and c.relkind = 'v' order by c.relname, a.attnum`,
  )
  return rows
}

describe('the views of analysts', () => {
  test('have names of their own, in lower case, and columns too', () => {
    const names = views.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names.length).toBeGreaterThan(60)
    for (const view of views) {
      const columns = columnNames(view)
      expect(new Set(columns).size, `of ${view.name}`).toBe(columns.length)
      for (const name of [view.name, ...columns]) expect(name).toMatch(/^[a-z][a-z0-9_]{0,50}$/)
    }
  })

  test('leave out what is for finance or administrators alone, and every personal text', () => {
    const audiences = new Set(views.map(({ query }) => query.audience))
    expect(audiences).toEqual(new Set(['everyone', 'staff']))
    const columns = views.flatMap((view) => columnNames(view).map((column) => `${view.name}.${column}`))
    for (const personal of ['orders.note', 'shipments.received_by', 'returns.note', 'dealers.contact'])
      expect(columns).not.toContain(personal)
    expect(columns).toContain('orders.customer_reference')
  })

  test('that belong to nobody name no dealer', () => {
    const shared = views.filter(({ owner }) => owner === 'shared')
    expect(shared.length).toBeGreaterThan(5)
    for (const view of shared)
      expect(columnNames(view).filter((name) => /dealer_id|party|order_id|account_id|invoice_id/.test(name))).toEqual(
        [],
      )
  })

  test('are in the database as they are said to be, with what they are for', async () => {
    const columns = await installed()
    for (const view of views)
      expect(columns.filter((one) => one.view === view.name).map(({ column }) => column)).toEqual(columnNames(view))
  })

  test('are described in docs/analytics.md', async () => {
    const columns = await installed()
    const sections = views.map((view) => {
      const rows = columns
        .filter((one) => one.view === view.name)
        .map(({ column, type }) => `| \`${column}\` | ${type} |`)
      const key = view.query.order?.map(([source]) => view.columns.find((one) => one.source === source)?.name ?? source)
      const each = view.owner === 'each' ? 'Asked for each dealer. ' : ''
      return `### ${view.name}\n\n${view.query.summary}. ${each}In the order of ${key?.map((name) => `\`${name}\``).join(', ') ?? ''}.\n\n| Column | Type |\n| --- | --- |\n${rows.join('\n')}\n`
    })
    const text = readFileSync(page, 'utf8')
    const [head = ''] = text.split('<!-- views -->')
    const wanted = await format(`${head}<!-- views -->\n\n${sections.join('\n')}`, {
      ...(await resolveConfig(page)),
      parser: 'markdown',
    })
    if (update) writeFileSync(page, wanted)
    expect(readFileSync(page, 'utf8'), 'CHANNEL_LEDGER_TEST_UPDATE_DOCS=1 writes it anew').toBe(wanted)
  })
})
