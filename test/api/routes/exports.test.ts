import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dealersModel } from '../../../src/projections/models/dealers/model.ts'
import { columnNames } from '../../../src/projections/analytics/analystViews.ts'
import { queries } from '../../../src/projections/registry.ts'
import { views } from '../../support/analysts.ts'
import { staffDirectory } from '../../support/api.ts'
import { grownStaff, openGrownApi, type GrownApi } from '../../support/grownApi.ts'
import { until } from '../../support/until.ts'

let api: GrownApi
let own: string[]
const bound = { headers: { authorization: 'ApiKey bound.bound' } }

beforeAll(async () => {
  api = await openGrownApi({
    directory: staffDirectory({ ...grownStaff, bound: { role: 'analyst', territories: ['EU-WEST'] } }),
  })
  const { rows } = await api.models
    .reader(dealersModel)
    .ask<{ id: string }>(
      {},
      (from) => `select d.dealer_id as id from ${from('dealers')} d where d.territory->>'territoryId' = 'EU-WEST'`,
    )
  own = rows.map(({ id }) => id)
}, 120_000)
afterAll(() => api.close())

const lines = (body: string): string[] => body.trimEnd().split('\n')
const idle = async (): Promise<boolean> => {
  const { totalCount, idleCount } = api.models.pool
  return totalCount === idleCount
}

describe('a download', () => {
  test('of every view there is, as CSV, has a head and the columns that were listed', async () => {
    const { items } = (await api.send('analyst', 'GET', '/v1/exports')).json<{
      items: { view: string; columns: string[] }[]
    }>()
    expect(items.map(({ view }) => view)).toEqual(views.map(({ name }) => name))
    for (const { view, columns } of items) {
      const answer = await api.send('analyst', 'GET', `/v1/exports/${view}`)
      expect(answer.statusCode, `of ${view}`).toBe(200)
      expect(lines(answer.body)[0], `of ${view}`).toBe(columns.join(','))
      expect(Number(answer.headers['x-known-at']), `of ${view}`).toBeGreaterThan(1000)
    }
    expect(await idle()).toBe(true)
  })

  test('holds the rows of the caller: an analyst bound to a territory gets its dealers alone, and all of them', async () => {
    const all = lines((await api.send('analyst', 'GET', '/v1/exports/orders')).body)
    const mine = lines((await api.send(undefined, 'GET', '/v1/exports/orders', bound)).body)
    const isOwn = (line: string): boolean => own.includes(line.split(',')[1] ?? '')
    expect(mine.slice(1).toSorted()).toEqual(all.filter(isOwn).toSorted())
    expect(all.length).toBeGreaterThan(2 * mine.length)
    expect(mine.length).toBeGreaterThan(20)
  })

  test('as Parquet holds the same rows, figures exact', async () => {
    const answer = await api.send('analyst', 'GET', '/v1/exports/order_lines?format=parquet')
    const bytes = answer.rawPayload
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
    const metadata = await parquetMetadataAsync(file)
    const price = metadata.schema.find(({ name }) => name === 'unit_price')
    expect(price).toMatchObject({ converted_type: 'DECIMAL', precision: 38, scale: 12 })
    const rows = await parquetReadObjects({ file })
    const csv = lines((await api.send('analyst', 'GET', '/v1/exports/order_lines')).body)
    expect(rows.length).toBe(csv.length - 1)
    const column = (name: string): number => csv[0]?.split(',').indexOf(name) ?? -1
    for (const [n, row] of rows.entries()) {
      const cells = csv[n + 1]?.split(',') ?? []
      expect(row['order_id']).toBe(cells[column('order_id')])
      expect(row['line_no']).toBe(BigInt(cells[column('line_no')] ?? ''))
      // the reader turns figures into floating point
      expect(row['unit_price']).toBeCloseTo(Number(cells[column('unit_price')]), 9)
    }
    expect(await api.send('analyst', 'GET', '/v1/exports/order_lines?format=parquet')).toMatchObject({
      rawPayload: bytes,
    })
  })

  test('as XLSX is a workbook', async () => {
    const answer = await api.send('analyst', 'GET', '/v1/exports/dealers?format=xlsx')
    expect(answer.statusCode).toBe(200)
    expect(answer.rawPayload.subarray(0, 2).toString()).toBe('PK')
    expect(answer.headers['content-disposition']).toContain('dealers.xlsx')
  })

  test('of every view as Parquet can be read again', async () => {
    for (const view of views) {
      const { rawPayload: bytes } = await api.send('analyst', 'GET', `/v1/exports/${view.name}?format=parquet`)
      const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
      const { schema } = await parquetMetadataAsync(file)
      expect(
        schema.slice(1).map((one) => one.name),
        `of ${view.name}`,
      ).toEqual(columnNames(view))
      await parquetReadObjects({ file })
    }
  })

  test('of no view, and by nobody else, is refused', async () => {
    expect((await api.send('analyst', 'GET', '/v1/exports/ledger_events')).statusCode).toBe(404)
    expect((await api.send('analyst', 'GET', '/v1/exports/orders?format=pdf')).statusCode).toBe(400)
    expect((await api.send('d1', 'GET', '/v1/exports/orders')).statusCode).toBe(403)
  })

  test('gives its connection back when nobody waits for it any more', async () => {
    const listening = await api.app.listen({ port: 0, host: '127.0.0.1' })
    const headers = { authorization: 'ApiKey analyst.analyst' }
    const request = get(`${listening}/v1/exports/activity`, { headers, agent: false })
    const [answer] = (await once(request, 'response')) as [IncomingMessage]
    expect(answer.statusCode).toBe(200)
    expect(await idle()).toBe(false)
    request.destroy()
    await until(idle)
  })
})

describe('an analyst bound to territories', () => {
  test('is let in nowhere but where nothing belongs to a dealer, or where the answer keeps to them', async () => {
    const open = api.app.accessTable
      .filter(({ access }) => access?.keepsTerritories === true && access.roles.includes('analyst'))
      .map(({ url }) => url)
    expect(new Set(open)).toEqual(
      new Set([
        '/v1/me',
        '/v1/exports',
        '/v1/exports/:view',
        ...queries.flatMap(({ owner, audience, path }) => (owner === 'shared' && audience !== 'finance' ? [path] : [])),
      ]),
    )
    for (const path of ['/v1/orders', '/v1/dealers', '/v1/sales/by-dealer', '/v1/events', '/v1/stream'])
      expect((await api.send(undefined, 'GET', path, bound)).statusCode, `of ${path}`).toBe(403)
    expect((await api.send(undefined, 'GET', '/v1/products', bound)).statusCode).toBe(200)
  })
})
