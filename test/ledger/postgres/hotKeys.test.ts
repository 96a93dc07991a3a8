import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hotKeyCaller } from '../../../bench/hotKeyProcess.ts'
import { unitOfCredit } from '../../../bench/hotKeyTask.ts'
import { openPostgresStore } from '../../../src/ledger/postgres/postgresStore.ts'
import { freshDatabase } from '../../support/database.ts'
import { spawnTypeScript } from '../../support/spawnTypeScript.ts'

const processes = 3
const callersEach = 16
const units = 30

describe(`${processes * callersEach} callers in ${processes} processes, after ${units} units`, () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>
  let callers: Awaited<ReturnType<typeof hotKeyCaller>>[]
  beforeAll(async () => {
    database = await freshDatabase()
    callers = await Promise.all(
      Array.from({ length: processes }, async () =>
        hotKeyCaller(
          await spawnTypeScript('bench/hotKeyCaller.ts', [database.url], {
            stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
          }),
        ),
      ),
    )
  })
  afterAll(async () => {
    for (const { close } of callers) await close()
    await database.drop()
  })

  it.each([
    {
      of: 'stock' as const,
      stream: 'stock-ACME/MAIN/HOT',
      taken: 'StockReserved',
      back: 'ReservationReleased',
      size: (data: { lines: { quantity: string }[] }) => BigInt(data.lines[0]?.quantity ?? 0),
    },
    {
      of: 'credit' as const,
      stream: 'account-HOT',
      taken: 'CreditReserved',
      back: 'CreditReservationReleased',
      size: ({ amount }: { amount: string }) => BigInt(amount) / BigInt(unitOfCredit),
    },
  ])('never gives out more $of than there is, and answers each rightly', async ({ of, stream, taken, back, size }) => {
    for (const { open } of callers) await open({ of, keys: Array<string>(callersEach).fill('HOT'), units })
    const counts = await Promise.all(callers.map(({ work }) => work(3_000)))
    const store = await openPostgresStore({ connection: database.url, unsafeForTests: true })
    let [out, most, given, returned] = [0n, 0n, 0, 0]
    for (let from = 0; ;) {
      const events = await store.readStream(stream, { from, limit: 500 })
      if (events.length === 0) break
      for (const { type, data } of events) {
        // of the type that it says
        const units = type === taken || type === back ? size(data as never) : 0n
        if (type === taken) [out, given] = [out + units, given + 1]
        if (type === back) [out, returned] = [out - units, returned + 1]
        if (out > most) most = out
      }
      from += events.length
    }
    await store.close()
    expect(most).toBe(BigInt(units))
    expect(out).toBe(0n)
    const answered = counts.reduce((sum, count) => sum + count.taken, 0)
    expect([given, returned]).toEqual([answered, answered])
    expect(answered).toBeGreaterThan(units)
    for (const count of counts) expect(count.taken).toBeGreaterThan(0)
    expect(counts.reduce((sum, { refused }) => sum + refused, 0)).toBeGreaterThan(0)
  })
})
