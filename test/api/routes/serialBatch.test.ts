import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestApi, type StaffName, type TestApi } from '../../support/api.ts'
import { fillChannel } from '../../support/channelByApi.ts'

let api: TestApi
beforeAll(async () => {
  api = await openTestApi()
  await fillChannel(api)
})
afterAll(() => api.close())

const companyId = 'ACME'
interface Answered {
  readonly recorded: number
  readonly known: number
  readonly refused: number
  readonly entries: readonly { serial: string; outcome: string; events: string[]; code: string | null }[]
}
const send = async (as: StaffName, key: string, entries: readonly object[]) => {
  const answer = await api.send(as, 'POST', '/v1/serial-batches', { key, body: { entries } })
  return { status: answer.statusCode, body: answer.json<Answered & { code?: string; details?: unknown }>() }
}
const item = (serial: string, more: object = {}): object => ({
  type: 'CommissionSerial',
  companyId,
  serial,
  sku: 'BIKE',
  ...more,
})
const items = Array.from({ length: 60 }, (_, n) => `B-${n}`)
const shipment = [
  { type: 'CommissionSerial', companyId, serial: 'CASE', kind: 'case', children: items },
  ...items.map((serial) => item(serial, { packedInto: 'CASE' })),
  { type: 'ShipSerial', companyId, serial: 'CASE', dealerId: 'D1' },
  { type: 'ReceiveSerial', companyId, serial: 'B-7', dealerId: 'D2' },
]

describe('many commands about codes in one request', () => {
  it('are decided in their order, each for itself', async () => {
    const { status, body } = await send('sales', 'first', shipment)
    expect(status).toBe(200)
    expect(body).toMatchObject({ recorded: 62, known: 0, refused: 1 })
    expect(body.entries.map(({ serial }) => serial)).toEqual(['CASE', ...items, 'CASE', 'B-7'])
    expect(body.entries.at(-1)).toMatchObject({ outcome: 'refused', code: 'serials.not_on_its_way', events: [] })
  })

  it('are recorded once, however often they are sent', async () => {
    const before = await api.store.head()
    const again = await send('sales', 'first', shipment)
    expect(again.body).toMatchObject({ recorded: 62, refused: 1 })
    const otherKey = await send('sales', 'second', shipment.slice(0, 61))
    expect(otherKey.body).toMatchObject({ recorded: 0, known: 61 })
    expect(await api.store.head()).toBe(before)
  })

  it('are received and scanned by a dealer’s staff for their own dealer, and nothing else', async () => {
    const scan = { type: 'ObserveScan', companyId, serial: 'B-1', scanId: 'S1', region: 'US/Washington' }
    const receive = { type: 'ReceiveSerial', companyId, serial: 'CASE' }
    const { body } = await send('d1', 'own', [receive, { ...scan, role: 'dealer' }])
    expect(body.entries.map(({ events }) => events)).toEqual([['SerialReceived'], ['ScanObserved']])
    const [event] = await api.store.readStream('serial-B-1', { from: 1 })
    expect(event?.data).toMatchObject({ dealerId: 'D1', role: 'dealer' })
    expect((await send('d2', 'theirs', [receive])).body.entries).toMatchObject([{ code: 'serials.not_on_its_way' }])
    expect((await send('d1', 'posing', [{ ...receive, dealerId: 'D2' }])).status).toBe(404)
    expect((await send('d1', 'inspecting', [{ ...scan, role: 'inspector' }])).status).toBe(400)
    expect((await send('d1', 'issuing', [item('MINE')])).status).toBe(403)
    expect((await send('clerk', 'clerk', [receive])).status).toBe(403)
  })

  it('are refused whole when one of them has no shape, which is named', async () => {
    const before = await api.store.head()
    const { status, body } = await send('sales', 'shapeless', [item('NEW'), { type: 'ShipSerial', serial: 'NEW' }])
    expect(status).toBe(400)
    expect(JSON.stringify(body)).toContain('body.entries.1.dealerId')
    const late = { ...item('NEW'), occurredAt: '2099-01-01T00:00:00.000Z[UTC]' }
    expect((await send('sales', 'ahead', [late])).status).toBe(400)
    expect(
      (
        await send(
          'sales',
          'many',
          Array.from({ length: 501 }, (_, n) => item(`M-${n}`)),
        )
      ).status,
    ).toBe(400)
    expect(await api.store.head()).toBe(before)
  })

  it('say of a scan of an unknown code that it is one', async () => {
    const scan = { type: 'ObserveScan', companyId, serial: 'GHOST', scanId: 'S1', role: 'inspector', region: 'US/Iowa' }
    const { body } = await send('sales', 'ghost', [scan])
    expect(body.entries).toMatchObject([{ outcome: 'recorded', events: ['UnknownSerialScanned'] }])
    const single = { companyId, scanId: 'S2', role: 'inspector', region: 'US/Iowa' }
    const answer = await api.send('sales', 'POST', '/v1/serials/GHOST/scans', { body: single })
    expect(answer.json()).toMatchObject({ events: [{ type: 'UnknownSerialScanned' }] })
  })
})
