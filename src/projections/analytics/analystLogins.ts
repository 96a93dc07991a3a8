import { createHash } from 'node:crypto'
import pg from 'pg'
import { z } from 'zod'
import type { Reader } from '../engine/ask.ts'
import { inTransaction } from '../engine/generations.ts'
import { analystsRole } from './installViews.ts'

/** A login that the ledger says there should be. */
export interface AnalystLogin {
  readonly login: string
  readonly verifier: string
  readonly expiresAt: string
  /** null: the whole channel */
  readonly territories: readonly string[] | null
}

export interface LoginLimits {
  /** of one login */
  readonly connections: number
  readonly statementSeconds: number
}

const row = z.object({
  login: z.string(),
  verifier: z.string(),
  expiresAt: z.string(),
  territories: z.array(z.string()).nullable(),
})

/** The logins of all analysts that are good now, by the access read model. */
export async function wantedLogins(reader: Reader): Promise<readonly AnalystLogin[]> {
  const { rows } = await reader.ask(
    {},
    (from) => `select p.database_login->>'login' as "login", p.database_login->>'verifier' as "verifier",
        p.database_login->>'expiresAt' as "expiresAt", p.reading_scope->'territories' as "territories"
      from ${from('principals')} p
      where p.registered is not null and p.disabled is null and p.role = 'analyst'
        and (p.database_login->>'expiresAt')::timestamptz > ${from.at()}
      order by p.principal_id`,
  )
  return rows.map((one) => row.parse(one))
}

export interface KeptLogins {
  readonly changed: readonly string[]
  readonly dropped: readonly string[]
  /** names that are taken by roles which are not ours */
  readonly refused: readonly string[]
}

/** Another number than other locks of this database */
const lock = 4_210_968_042

/**
 * Brings the roles of this database's analysts, and what they may read, to what is wanted; `repair` sets each one again
 * whatever it looks like. Their sessions end with them. Needs a superuser. Idempotent.
 */
export async function keepLogins(
  pool: pg.Pool,
  wanted: readonly AnalystLogin[],
  limits: LoginLimits,
  { repair = false } = {},
): Promise<KeptLogins> {
  return inTransaction(pool, async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1)', [lock])
    const marks = await marksOf(tx)
    const changed: string[] = []
    const refused: string[] = []
    for (const login of wanted) {
      const mark = marks.get(login.login)
      if (mark === undefined && (await roleExists(tx, login.login))) {
        refused.push(login.login)
        continue
      }
      const print = fingerprint(login, limits)
      if (mark === print && !repair) continue
      await setLogin(tx, login, limits, { print, isNew: mark === undefined })
      changed.push(login.login)
    }
    const names = new Set(wanted.map(({ login }) => login))
    const dropped = [...marks.keys()].filter((name) => !names.has(name))
    for (const name of dropped) await dropLogin(tx, name)
    return { changed, dropped, refused }
  })
}

/** Ours are told by their comment: roles belong to the whole server, and another database of it may have analysts too. */
async function marksOf(tx: pg.ClientBase): Promise<Map<string, string>> {
  const { rows } = await tx.query<{ name: string; print: string }>(
    `select rolname as name, split_part(shobj_description(oid, 'pg_authid'), ' ', 2) as print from pg_roles
     where rolname ~ '^analyst_[0-9a-f]{12}$' and shobj_description(oid, 'pg_authid') like 'channel-ledger ' || '%' || ' of ' || current_database()`,
  )
  return new Map(rows.map(({ name, print }) => [name, print]))
}

async function roleExists(tx: pg.ClientBase, name: string): Promise<boolean> {
  const { rowCount } = await tx.query('select from pg_roles where rolname = $1', [name])
  return rowCount === 1
}

async function setLogin(
  tx: pg.ClientBase,
  { login, verifier, expiresAt, territories }: AnalystLogin,
  { connections, statementSeconds }: LoginLimits,
  { print, isNew }: { print: string; isNew: boolean },
): Promise<void> {
  const role = pg.escapeIdentifier(login)
  if (isNew) await tx.query(`create role ${role}`)
  await tx.query(
    `alter role ${role} with login nosuperuser nocreatedb nocreaterole noreplication nobypassrls inherit
       connection limit ${connections} password ${pg.escapeLiteral(verifier)} valid until ${pg.escapeLiteral(expiresAt)}`,
  )
  await tx.query(`alter role ${role} reset all`)
  const settings = {
    search_path: 'analytics',
    statement_timeout: `${statementSeconds}s`,
    idle_in_transaction_session_timeout: `${statementSeconds}s`,
    idle_session_timeout: '30min',
    lock_timeout: '5s',
    default_transaction_read_only: 'on',
    temp_file_limit: '1GB', // the only one of these that a session cannot set otherwise
  }
  for (const [name, value] of Object.entries(settings)) await tx.query(`alter role ${role} set ${name} = '${value}'`)
  const { rows: groups } = await tx.query<{ name: string }>(
    `select m.roleid::regrole::text as name from pg_auth_members m where m.member = $1::regrole`,
    [role],
  )
  for (const { name } of groups) if (name !== analystsRole) await tx.query(`revoke ${name} from ${role}`)
  await tx.query(`grant ${analystsRole} to ${role}`)
  const { rows } = await tx.query<{ name: string }>('select current_database() as name')
  await tx.query(`comment on role ${role} is ${pg.escapeLiteral(`channel-ledger ${print} of ${rows[0]?.name ?? ''}`)}`)
  await tx.query(
    `insert into projections.analyst_scopes (login, territories) values ($1, $2)
     on conflict (login) do update set territories = excluded.territories`,
    [login, territories],
  )
}

async function dropLogin(tx: pg.ClientBase, login: string): Promise<void> {
  const role = pg.escapeIdentifier(login)
  await tx.query('delete from projections.analyst_scopes where login = $1', [login])
  await tx.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [login])
  await tx.query(`drop owned by ${role}`)
  await tx.query(`drop role ${role}`)
}

function fingerprint(login: AnalystLogin, limits: LoginLimits): string {
  return createHash('sha256')
    .update(JSON.stringify([login, limits.connections, limits.statementSeconds]))
    .digest('hex')
}

/**
 * Ends what a session may have given itself leave for: statements and transactions that go on past their time by half, sessions
 * in another database of this server, and the newest beyond `connections` of all analysts together. Answers how many.
 */
export async function endExcesses(
  pool: pg.Pool,
  { connections, statementSeconds }: { readonly connections: number; readonly statementSeconds: number },
): Promise<number> {
  const { rows } = await pool.query<{ ended: number }>(
    `select count(pg_terminate_backend(pid))::integer as ended from (
       select a.pid, a.datname, a.state, a.query_start, a.xact_start, row_number() over (order by a.backend_start, a.pid) as place
       from pg_stat_activity a join projections.analyst_scopes s on s.login = a.usename) sessions
     where place > $1 or datname <> current_database()
       or (state = 'active' and query_start < clock_timestamp() - $2 * interval '1 second')
       or xact_start < clock_timestamp() - $2 * interval '1 second'`,
    [connections, statementSeconds * 1.5],
  )
  return rows[0]?.ended ?? 0
}
