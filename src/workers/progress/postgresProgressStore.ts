import type { Pool, PoolClient } from 'pg'
import { isAbsent, type Presence } from '../../ledger/presence.ts'
import type { AgendaChange, AgendaEntry, DeadTask, Lease, ProgressStore } from './progressStore.ts'

/** For `migrate(pool, 'processes', progressMigrations)`. */
export const progressMigrations = [
  {
    name: '001-processes',
    sql: `
      create schema if not exists processes;
      create table processes.reader (
        name text primary key,
        position bigint not null default 0,
        token bigint not null default 0,
        leased_until bigint not null default 0
      );
      create table processes.lane (
        reader text not null references processes.reader (name),
        lane text not null,
        done bigint not null,
        primary key (reader, lane)
      );
      create table processes.agenda (
        kind text not null,
        group_id text not null,
        subject text not null,
        at bigint not null,
        primary key (kind, group_id, subject)
      );
      create index agenda_due on processes.agenda (kind, at);
      create index agenda_subject on processes.agenda (kind, subject);
      create table processes.dead_task (
        reaction text not null,
        event_id text not null,
        stream text not null,
        revision integer not null,
        attempts integer not null,
        reason text not null,
        at bigint not null,
        number bigint generated always as identity,
        primary key (reaction, event_id)
      );`,
  },
  {
    // of the process that took the lease with this token; a release that does not know them leaves an older token
    name: '002-presence',
    sql: 'alter table processes.reader add column presence integer, add column presence_token bigint',
  },
] as const

interface AgendaRow {
  readonly kind: AgendaEntry['kind']
  readonly group: string
  readonly subject: string
  readonly at: string
}

const columns = 'kind, group_id as "group", subject, at::text'
const entryOf = ({ at, ...row }: AgendaRow): AgendaEntry => ({ ...row, at: Number(at) })

/**
 * The tables must be there (`progressMigrations`). Any number of processes: the token of a lease fences the older holder, and a holder
 * with a presence loses its lease as soon as it is gone.
 */
export function createPostgresProgressStore(pool: Pool, presence?: Presence): ProgressStore {
  return {
    async acquire(reader, now, until, token) {
      await pool.query('insert into processes.reader (name) values ($1) on conflict do nothing', [reader])
      const { rows } = await pool.query<{ token: string; position: string }>(
        token === undefined
          ? `update processes.reader set token = token + 1, leased_until = $3, presence = $4, presence_token = token + 1
             where name = $1 and (leased_until <= $2 or (presence_token = token and ${isAbsent('presence')}))
             returning token::text, position::text`
          : `update processes.reader set leased_until = $3 where name = $1 and token = $4 and $2::bigint is not null
             returning token::text, position::text`,
        token === undefined ? [reader, now, until, presence ?? null] : [reader, now, until, token.toString()],
      )
      const [row] = rows
      if (row === undefined) return undefined
      const lanes = await pool.query<{ lane: string; done: string }>(
        'select lane, done::text from processes.lane where reader = $1',
        [reader],
      )
      const done = new Map(lanes.rows.map(({ lane, done }) => [lane, BigInt(done)] as const))
      return { reader, token: BigInt(row.token), position: BigInt(row.position), done }
    },
    async release({ reader, token }) {
      await pool.query('update processes.reader set leased_until = 0 where name = $1 and token = $2', [
        reader,
        `${token}`,
      ])
    },
    note: (lease, changes) =>
      fenced(pool, lease, async (client) => {
        for (const run of runsOf(changes)) await apply(client, run)
      }),
    async mark({ reader, token }, lane, done) {
      const { rowCount } = await pool.query(
        `insert into processes.lane (reader, lane, done)
         select name, $3, $4 from processes.reader where name = $1 and token = $2 for share
         on conflict (reader, lane) do update set done = excluded.done`,
        [reader, token.toString(), lane, done.toString()],
      )
      return rowCount === 1
    },
    advance: (lease, to, deadLetters) =>
      fenced(pool, lease, async (client) => {
        await client.query('update processes.reader set position = $2 where name = $1', [lease.reader, to.toString()])
        await client.query('delete from processes.lane where reader = $1', [lease.reader])
        for (const { reaction, eventId, stream, revision, attempts, reason, at } of deadLetters) {
          await client.query(
            `insert into processes.dead_task (reaction, event_id, stream, revision, attempts, reason, at)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (reaction, event_id) do update set attempts = excluded.attempts, reason = excluded.reason, at = excluded.at`,
            [reaction, eventId, stream, revision, attempts, reason, at],
          )
        }
      }),
    async position(reader) {
      const { rows } = await pool.query<{ position: string }>(
        'select position::text from processes.reader where name = $1',
        [reader],
      )
      return BigInt(rows[0]?.position ?? '0')
    },
    async due(kind, at, limit) {
      const { rows } = await pool.query<AgendaRow>(
        `select ${columns} from processes.agenda a where kind = $1 and a.at <= $2 order by a.at, group_id, subject limit $3`,
        [kind, at, limit],
      )
      return rows.map(entryOf)
    },
    async inGroup(kind, group, limit) {
      const { rows } = await pool.query<AgendaRow>(
        `select ${columns} from processes.agenda a where kind = $1 and group_id = $2 order by a.at, subject limit $3`,
        [kind, group, limit],
      )
      return rows.map(entryOf)
    },
    async groups(kind, after, limit) {
      const { rows } = await pool.query<{ group: string }>(
        `select distinct group_id collate "C" as "group" from processes.agenda
         where kind = $1 and group_id collate "C" > $2 order by 1 limit $3`,
        [kind, after, limit],
      )
      return rows.map(({ group }) => group)
    },
    async put(entry) {
      await apply(pool, { how: 'put', entries: [entry] })
    },
    async forget(kind, group, subject) {
      await apply(pool, { how: 'remove', kind, group, subjects: [subject] })
    },
    async deadTasks(limit) {
      const { rows } = await pool.query<Omit<DeadTask, 'at'> & { at: string }>(
        `select reaction, event_id as "eventId", stream, revision, attempts, reason, at::text
         from processes.dead_task order by number desc limit $1`,
        [Math.min(limit, 1_000)],
      )
      return rows.map((row) => ({ ...row, at: Number(row.at) }))
    },
    async dropDeadTask({ reaction, eventId }) {
      await pool.query('delete from processes.dead_task where reaction = $1 and event_id = $2', [reaction, eventId])
    },
  }
}

/** Changes that one statement can make: in a run of puts no entry comes twice. */
type Run =
  | { readonly how: 'put' | 'put-first'; readonly entries: AgendaEntry[] }
  | {
      readonly how: 'remove'
      readonly kind: AgendaEntry['kind']
      readonly group: string | undefined
      readonly subjects: string[]
    }

function runsOf(changes: readonly AgendaChange[]): Run[] {
  const runs: Run[] = []
  for (const change of changes) {
    const last = runs.at(-1)
    if (change.change === 'remove') {
      const { kind, group, subject } = change
      if (last?.how === 'remove' && last.kind === kind && last.group === group) last.subjects.push(subject)
      else runs.push({ how: 'remove', kind, group, subjects: [subject] })
      continue
    }
    const { change: how, ...entry } = change
    const isSame = (one: AgendaEntry): boolean =>
      one.kind === entry.kind && one.group === entry.group && one.subject === entry.subject
    if (last?.how === how && !last.entries.some(isSame)) last.entries.push(entry)
    else runs.push({ how, entries: [entry] })
  }
  return runs
}

async function apply(client: Pool | PoolClient, run: Run): Promise<void> {
  if (run.how === 'remove') {
    await client.query(
      `delete from processes.agenda where kind = $1 and subject = any($2) and ($3::text is null or group_id = $3)`,
      [run.kind, run.subjects, run.group ?? null],
    )
    return
  }
  const { entries } = run
  await client.query(
    `insert into processes.agenda (kind, group_id, subject, at)
     select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
     on conflict (kind, group_id, subject) do ${run.how === 'put' ? 'update set at = excluded.at' : 'nothing'}`,
    [
      entries.map(({ kind }) => kind),
      entries.map(({ group }) => group),
      entries.map(({ subject }) => subject),
      entries.map(({ at }) => at),
    ],
  )
}

/** Does the work in one transaction that holds the reader's row, if the lease's token is still the newest. */
async function fenced(
  pool: Pool,
  { reader, token }: Lease,
  work: (client: PoolClient) => Promise<void>,
): Promise<boolean> {
  const client = await pool.connect()
  let failure: Error | undefined
  try {
    await client.query('begin')
    const { rows } = await client.query('select 1 from processes.reader where name = $1 and token = $2 for update', [
      reader,
      token.toString(),
    ])
    if (rows.length > 0) await work(client)
    await client.query('commit')
    return rows.length > 0
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error))
    throw error
  } finally {
    // a client that failed may be inside its transaction still: it is closed, which rolls back
    client.release(failure)
  }
}
