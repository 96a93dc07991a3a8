import pg from 'pg'
import { openPostgresStore } from '../src/ledger/postgres/postgresStore.ts'
import type { Bench } from './bench.ts'
import { growingChannel, growTo } from './growingChannel.ts'
import { interleave, type Contender } from './interleave.ts'

const size = 100_000
const page = 1_000

/** Reading the log from its begin in pages, beside a bare cursor over the same table that parses the same two texts. */
export const readAll: Bench = {
  name: 'readAll',
  title: `Reading a log of ${size} events in pages of ${page} (events per second)`,
  async run({ rounds, secondsPerRound, freshDatabase, log }) {
    const database = await freshDatabase()
    const store = await openPostgresStore({ connection: database.url })
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    try {
      await growTo(store, growingChannel(), size)
      await client.query('VACUUM ANALYZE')
      const { rows } = await client.query<{ table: string }>(
        `SELECT format('%I.%I', schemaname, relname) AS table FROM pg_stat_user_tables ORDER BY n_live_tup DESC LIMIT 1`,
      )
      const table = rows[0]?.table
      const contenders: Contender[] = [
        {
          name: 'bare cursor',
          async work(until) {
            let done = 0
            while (performance.now() < until) {
              await client.query('BEGIN')
              await client.query(`DECLARE log CURSOR FOR SELECT * FROM ${table} ORDER BY position`)
              for (;;) {
                const { rows: found } = await client.query<{ envelope: string; data: string }>(`FETCH ${page} FROM log`)
                for (const { envelope, data } of found) {
                  JSON.parse(envelope)
                  JSON.parse(data)
                }
                done += found.length
                if (found.length < page || performance.now() >= until) break
              }
              await client.query('COMMIT')
            }
            return done
          },
        },
        {
          name: 'readAll',
          async work(until) {
            let done = 0
            for (let after = 0n; performance.now() < until;) {
              const { events, position, atHead } = await store.readAll({ after, limit: page })
              done += events.length
              after = atHead ? 0n : position
            }
            return done
          },
        },
      ]
      const measured = await interleave(contenders, rounds, secondsPerRound, log)
      const bare = measured.get('bare cursor')?.median ?? 0
      return [...measured.values()].map(({ name, median, low, high }) => ({
        reading: name,
        'events/s': Math.round(median),
        'low–high': `${Math.round(low)}–${Math.round(high)}`,
        '× bare': (median / bare).toFixed(2),
      }))
    } finally {
      await client.end()
      await store.close()
      await database.drop()
    }
  },
}
