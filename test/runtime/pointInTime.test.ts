import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { expect, test } from 'vitest'
import { brokenInvariants } from '../support/invariants.ts'
import { order } from '../support/channelByApi.ts'
import { wholeLog } from '../support/importing.ts'
import {
  openRealPostgres,
  postgresPrograms,
  type RealPostgres,
  runProgram,
  serverDirectory,
} from '../support/realPostgres.ts'
import {
  fillService,
  freshlyFolded,
  openTestService,
  readModelRows,
  temporaryDirectory,
  type TestService,
} from '../support/service.ts'
import { until } from '../support/until.ts'

/** The rehearsal of docs/operations.md: a base backup, an archive of the WAL, and a recovery to a moment between two commands. */
test.skipIf(postgresPrograms === undefined)(
  'a server with an archive is brought back to a moment: what was acknowledged by then is there, what came later is not',
  { timeout: 120_000 },
  async () => {
    const directory = await temporaryDirectory()
    await chmod(directory.path, 0o755) // as root the server runs as `nobody`, who has to get through here
    const archive = await serverDirectory(join(directory.path, 'archive'))
    const servers: RealPostgres[] = []
    let service: TestService | undefined
    try {
      const first = await openRealPostgres(join(directory.path, 'first'), [
        'archive_mode = on',
        `archive_command = 'test ! -f ${archive}/%f && cp %p ${archive}/%f'`,
      ])
      servers.push(first)
      await first.start()
      service = await openTestService(first.url)
      await service.startWorkers()
      await fillService(service)

      const base = await serverDirectory(join(directory.path, 'base'))
      await runProgram('pg_basebackup', ['-D', base, '-d', first.url, '-X', 'fetch', '-c', 'fast'])

      const place = async (orderId: string) => {
        const answer = await service?.send('POST', '/v1/orders', {
          key: orderId,
          body: { ...order, dealerId: 'D1', orderId },
        })
        expect(answer?.status).toBe(201)
        return answer?.body
      }
      const before = [await place('BEFORE-1'), await place('BEFORE-2')]
      const moment = await ask(first.url, 'select clock_timestamp()::text')
      await place('AFTER-1')
      const last = await ask(first.url, 'select pg_walfile_name(pg_switch_wal())')
      await until(async () => (await ask(first.url, 'select last_archived_wal from pg_stat_archiver')) >= last, 30_000)
      await service.stop()
      await first.stop('immediate')

      const second = await openRealPostgres(base, [
        'archive_mode = off',
        `restore_command = 'cp ${archive}/%f %p'`,
        `recovery_target_time = '${moment}'`,
        `recovery_target_action = 'promote'`,
      ])
      await writeFile(join(base, 'recovery.signal'), '')
      servers.push(second)
      await second.start()
      await until(async () => (await ask(second.url, 'select pg_is_in_recovery()::text')) === 'false', 30_000)

      const restored = await openTestService(second.url)
      service = restored
      const log = await wholeLog(service.ledger.store)
      const orders = log.filter(({ type }) => type === 'OrderPlaced').map(({ stream }) => stream)
      expect(orders).toEqual(expect.arrayContaining(['order-O1', 'order-BEFORE-1', 'order-BEFORE-2']))
      expect(orders).not.toContain('order-AFTER-1')
      expect(await readModelRows(second.url)).toEqual(await freshlyFolded(log))
      for (const body of before) {
        const orderId = (body as { id: string }).id
        const options = { key: orderId, body: { ...order, dealerId: 'D1', orderId } }
        expect(await service.send('POST', '/v1/orders', options)).toMatchObject({ body })
      }
      // processes take up what they had begun, and the channel goes on
      await service.startWorkers()
      await place('AFTER-2')
      await until(async () => {
        const events = await wholeLog(restored.ledger.store)
        return events.filter(({ type }) => type === 'OrderConfirmed').length === orders.length + 1
      }, 30_000)
      expect(brokenInvariants(await wholeLog(service.ledger.store))).toEqual([])
    } finally {
      await service?.stop()
      for (const server of servers) await server.stop('immediate').catch(() => undefined) // the first one has ended
      await directory.drop()
    }
  },
)

async function ask(url: string, sql: string): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' })
    return String(rows[0]?.[0] ?? '')
  } finally {
    await client.end()
  }
}
