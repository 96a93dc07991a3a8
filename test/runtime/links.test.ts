import pg from 'pg'
import { inject, expect, test } from 'vitest'
import { openPostgresLink } from '../../src/runtime/links/postgresLink.ts'
import { type Probe, watchLink } from '../../src/ledger/watchLink.ts'
import { openFaultProxy } from '../fault/faultLoop/faultProxy.ts'
import { until } from '../support/until.ts'

const presence = 20_260_402

/** A database behind a proxy, and the link of a process to it. */
async function withLink(
  work: (parts: { pool: pg.Pool; proxy: Proxy; cuts: number[] }) => Promise<void>,
): Promise<void> {
  const server = new URL(inject('databaseUrl'))
  const proxy = await openFaultProxy(Number(server.port), 'postgres', () => 0)
  server.port = `${proxy.port}`
  const cuts: number[] = []
  const link = openPostgresLink(server.href, presence, (connections) => cuts.push(connections))
  const pool = new pg.Pool({ ...link.config, max: 3 })
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  try {
    await work({ pool, proxy, cuts })
  } finally {
    link.close()
    await pool.end()
    await proxy.close()
  }
}
type Proxy = Awaited<ReturnType<typeof openFaultProxy>>

test('a connection whose other side is gone without a word is cut when a new one answers', async () => {
  await withLink(async ({ pool, proxy, cuts }) => {
    // the connection that is asked stands
    await until(async () => {
      const { rows } = await pool.query(`select 1 from pg_locks where locktype = 'advisory' and objid = ${presence}`)
      return rows.length > 0
    })
    await Promise.all([pool.query('select 1'), pool.query('select 1')])
    proxy.begin('half-open')
    const waiting = pool.query('select 1')
    const outcome = waiting.then(
      () => 'answered',
      (error: Error) => error.message,
    )
    proxy.clear()
    expect(await outcome).toBe('the connection no longer answers')
    expect(cuts).toEqual([2])
    expect((await pool.query('select 2 as n')).rows).toEqual([{ n: 2 }])
  })
})

test('what was opened after the watched connection broke is left alone', async () => {
  const cuts: number[] = []
  let breakNow = (): void => undefined
  let opened = 0
  const link = watchLink({
    interval: 50,
    onDead: (before) => cuts.push(before),
    async open(_signal, broke) {
      let isBroken = false
      breakNow = () => {
        isBroken = true
        broke()
      }
      opened += 1
      return { ask: async () => (isBroken ? Promise.reject(new Error('broken')) : 1), end: () => undefined }
    },
  })
  try {
    await until(() => opened === 1)
    const before = performance.now()
    breakNow()
    const after = performance.now()
    await until(() => cuts.length > 0)
    expect(opened).toBe(2)
    expect(cuts[0]).toBeGreaterThanOrEqual(before)
    expect(cuts[0]).toBeLessThanOrEqual(after)
  } finally {
    link.close()
  }
})

test('a server that is only slow loses no connection: it answers the older question first', async () => {
  const waiting: (() => void)[] = []
  let asked = 0
  let opened = 0
  const cuts: number[] = []
  const probe: Probe = {
    async ask() {
      asked += 1
      waiting.shift()?.()
      await new Promise<void>((resolve) => waiting.push(resolve))
    },
    end: () => undefined,
  }
  const link = watchLink({
    interval: 5,
    patience: 20,
    onDead: (before) => cuts.push(before),
    async open(signal) {
      opened += 1
      await Promise.race([
        probe.ask(),
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('no answer')))),
      ])
      return probe
    },
  })
  try {
    await until(() => asked >= 8)
    expect(opened).toBeGreaterThan(2)
    expect(cuts).toEqual([])
  } finally {
    link.close()
  }
})
