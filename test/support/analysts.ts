import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { scramVerifier } from '../../src/api/scramVerifier.ts'
import { type AnalystLogin, keepLogins } from '../../src/projections/analytics/analystLogins.ts'
import { analystViews } from '../../src/projections/analytics/analystViews.ts'
import { closeCatalog } from '../../src/projections/analytics/closeCatalog.ts'
import { installViews } from '../../src/projections/analytics/installViews.ts'
import { queries } from '../../src/projections/registry.ts'
import type { OpenReadModels } from './readModels.ts'

export const views = analystViews(queries)

/** Sessions of an analyst, as a program outside would open them. */
export interface AnalystSession {
  readonly login: string
  readonly client: pg.Client
  /** what the statement answers, as one text: its rows, or its error with all that it says */
  tell(sql: string): Promise<string>
  rows<Row extends object = Record<string, unknown>>(sql: string): Promise<Row[]>
}

export interface OpenAnalysts {
  open(territories: readonly string[] | null): Promise<AnalystSession>
  /** the logins that were made */
  readonly logins: AnalystLogin[]
  close(): Promise<void>
}

export const testLimits = { connections: 4, statementSeconds: 60 }

/** The views in the database of these read models, and analysts' logins; roles are dropped in the end. */
export async function openAnalysts({ pool, databaseUrl }: OpenReadModels): Promise<OpenAnalysts> {
  await installViews(pool, views)
  await closeCatalog(pool)
  const logins: AnalystLogin[] = []
  const clients: pg.Client[] = []
  return {
    logins,
    async open(territories) {
      const password = randomBytes(16).toString('hex')
      const login = `analyst_${randomBytes(6).toString('hex')}`
      const verifier = scramVerifier(password, randomBytes(16))
      logins.push({ login, verifier, expiresAt: '2999-01-01T00:00:00.000Z', territories })
      await keepLogins(pool, logins, testLimits)
      const url = new URL(databaseUrl)
      Object.assign(url, { username: login, password })
      const client = new pg.Client({ connectionString: url.href })
      client.on('error', () => undefined) // sessions that are ended from outside
      await client.connect()
      clients.push(client)
      const rows = async <Row extends object>(sql: string): Promise<Row[]> => (await client.query<Row>(sql)).rows
      return {
        login,
        client,
        rows,
        async tell(sql) {
          const notices: string[] = []
          const hear = ({ message }: { message: string | undefined }): void => void notices.push(message ?? '')
          client.on('notice', hear)
          try {
            const answer = [await client.query({ text: sql, rowMode: 'array' })].flat()
            return JSON.stringify([answer.map((one) => one.rows), notices])
          } catch (error) {
            const { message, code, detail, hint, where } = error as pg.DatabaseError // what a query fails with
            return JSON.stringify([{ message, code, detail, hint, where }, notices])
          } finally {
            client.off('notice', hear)
          }
        },
      }
    },
    async close() {
      for (const client of clients) await client.end().catch(() => undefined)
      await keepLogins(pool, [], testLimits)
    },
  }
}
