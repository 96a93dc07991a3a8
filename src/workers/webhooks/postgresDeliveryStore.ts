import type { Pool, PoolClient } from 'pg'
import type { DeliveryStore, Pending, Webhook } from './deliveryStore.ts'

/** For `migrate(pool, 'webhooks', deliveryMigrations)`. */
export const deliveryMigrations = [
  {
    name: '001-deliveries',
    sql: `
      create schema if not exists webhooks;
      create table webhooks.feed (
        one boolean primary key default true check (one),
        position bigint not null
      );
      insert into webhooks.feed (position) values (0);
      create table webhooks.webhook (
        id text primary key,
        state jsonb not null,
        failing_since bigint,
        delivered_at bigint
      );
      create table webhooks.pending (
        webhook_id text not null references webhooks.webhook (id),
        stream text not null,
        next integer not null,
        known integer not null,
        attempts integer not null default 0,
        due_at bigint not null,
        lease bigint not null default 0,
        lease_until bigint not null default 0,
        primary key (webhook_id, stream)
      );
      create index pending_due on webhooks.pending (due_at);
      create sequence webhooks.lease;
      create table webhooks.undelivered (
        id bigint generated always as identity primary key,
        webhook_id text not null references webhooks.webhook (id),
        stream text not null,
        revision integer not null,
        attempts integer not null,
        reason text not null,
        at bigint not null
      );
      create index undelivered_of on webhooks.undelivered (webhook_id, id);`,
  },
] as const

const keptUndelivered = 10_000

/** The tables must be there (`deliveryMigrations`). Any number of processes. */
export function createPostgresDeliveryStore(pool: Pool): DeliveryStore {
  const row = ({ webhook, stream, lease }: Pending): [string, string, number] => [webhook.webhookId, stream, lease]
  const ours = 'webhook_id = $1 and stream = $2 and lease = $3'

  return {
    async load() {
      return transaction(pool, async (client) => {
        // in one snapshot: the webhooks are those of the position
        await client.query('set transaction isolation level repeatable read')
        const feed = await client.query<{ position: string }>('select position from webhooks.feed')
        const { rows } = await client.query<{ state: Webhook }>('select state from webhooks.webhook order by id')
        return { position: BigInt(feed.rows[0]?.position ?? 0), webhooks: rows.map(({ state }) => state) }
      })
    },

    async advance({ from, to, webhooks, dropped, noted, now }) {
      return transaction(pool, async (client) => {
        const moved = await client.query('update webhooks.feed set position = $2 where position = $1', [from, to])
        if (moved.rowCount === 0) return false
        if (webhooks.length > 0) {
          await client.query(
            `insert into webhooks.webhook (id, state) select state ->> 'webhookId', state from jsonb_array_elements($1) state
             on conflict (id) do update set state = excluded.state`,
            [JSON.stringify(webhooks)],
          )
        }
        if (dropped.length > 0) {
          await client.query(
            `with gone as (delete from webhooks.pending where webhook_id = any($1) returning *)
             insert into webhooks.undelivered (webhook_id, stream, revision, attempts, reason, at)
             select webhook_id, stream, next, attempts, 'disabled', $2 from gone order by stream`,
            [dropped, now],
          )
          await client.query('update webhooks.webhook set failing_since = null where id = any($1)', [dropped])
        }
        if (noted.length > 0) {
          await client.query(
            `insert into webhooks.pending (webhook_id, stream, next, known, due_at)
             select n."webhookId", n.stream, n.first, n.last, $2
             from jsonb_to_recordset($1) n ("webhookId" text, stream text, first integer, last integer)
             order by 1, 2
             on conflict (webhook_id, stream) do update
             set next = least(pending.next, excluded.next), known = greatest(pending.known, excluded.known)`,
            [JSON.stringify(noted), now],
          )
        }
        return true
      })
    },

    async due(now) {
      const { rows } = await pool.query<{ webhook_id: string }>(
        'select distinct webhook_id from webhooks.pending where due_at <= $1 and lease_until <= $1',
        [now],
      )
      return rows.map(({ webhook_id }) => webhook_id)
    },

    async claim(webhookId, now, leaseUntil, limit) {
      const { rows } = await pool.query<Omit<Pending, 'webhook' | 'lease'> & { state: Webhook; lease: string }>(
        `update webhooks.pending p set lease = nextval('webhooks.lease'), lease_until = $3
         from webhooks.webhook w
         where w.id = p.webhook_id and p.webhook_id = $1 and p.stream in (
           select stream from webhooks.pending where webhook_id = $1 and due_at <= $2 and lease_until <= $2
           order by due_at limit $4 for update skip locked)
         returning w.state, p.stream, p.next, p.known, p.attempts, p.lease`,
        [webhookId, now, leaseUntil, limit],
      )
      return rows.map(({ state, lease, ...rest }) => ({ webhook: state, lease: Number(lease), ...rest }))
    },

    async delivered(pending, next, now, leaseUntil) {
      const { rows } = await pool.query<{ known: number }>(
        `with healthy as (
           update webhooks.webhook set failing_since = null, delivered_at = $5::bigint
           where id = $1 and (failing_since is not null or delivered_at is null or delivered_at < $5::bigint - 1000))
         update webhooks.pending set next = $4, attempts = 0, lease_until = $6 where ${ours} returning known`,
        [...row(pending), next, now, leaseUntil],
      )
      return rows[0]?.known
    },

    async failed(pending, next, attempts, dueAt, now) {
      const { rows } = await pool.query<{ failing_since: string }>(
        `with waiting as (
           update webhooks.pending set next = $4, attempts = $5, due_at = $6, lease_until = 0 where ${ours} returning webhook_id)
         update webhooks.webhook set failing_since = coalesce(failing_since, $7)
         where id in (select webhook_id from waiting) returning failing_since`,
        [...row(pending), next, attempts, dueAt, now],
      )
      return rows[0] && Number(rows[0].failing_since)
    },

    async giveUp(pending, { revision, attempts, reason, at }, leaseUntil) {
      const { rows } = await pool.query<{ known: number }>(
        `with skipped as (
           update webhooks.pending set next = $4::integer + 1, attempts = 0, lease_until = $8 where ${ours} returning known),
         noted as (
           insert into webhooks.undelivered (webhook_id, stream, revision, attempts, reason, at)
           select $1, $2, $4, $5, $6, $7::bigint from skipped),
         pruned as (
           delete from webhooks.undelivered where webhook_id = $1 and id <= (
             select id from webhooks.undelivered where webhook_id = $1 order by id desc offset ${keptUndelivered} limit 1))
         select known from skipped`,
        [...row(pending), revision, attempts, reason, at, leaseUntil],
      )
      return rows[0]?.known
    },

    async release(pending, next, dueAt) {
      // the second statement sees what the feed has noted meanwhile
      await pool.query(`update webhooks.pending set next = $4, due_at = $5, lease_until = 0 where ${ours}`, [
        ...row(pending),
        next,
        dueAt,
      ])
      await pool.query(`delete from webhooks.pending where ${ours} and next > known`, row(pending))
    },

    async undelivered(webhookId, limit) {
      const { rows } = await pool.query<{
        stream: string
        revision: number
        attempts: number
        reason: string
        at: string
      }>(
        `select stream, revision, attempts, reason, at from webhooks.undelivered
         where webhook_id = $1 order by id desc limit $2`,
        [webhookId, Math.min(limit, 1_000)],
      )
      return rows.map(({ at, ...rest }) => ({ webhookId, ...rest, at: Number(at) }))
    },

    async redeliver(webhookId, stream, revision, now) {
      await pool.query(
        `with again as (delete from webhooks.undelivered where webhook_id = $1 and stream = $2 and revision = $3)
         insert into webhooks.pending (webhook_id, stream, next, known, due_at) values ($1, $2, $3, $3, $4)
         on conflict (webhook_id, stream) do update
         set next = least(pending.next, excluded.next), due_at = $4, lease = nextval('webhooks.lease'), lease_until = 0`,
        [webhookId, stream, revision, now],
      )
    },

    async status(webhookId) {
      const { rows } = await pool.query<{ pending: number; failing_since: string | null; delivered_at: string | null }>(
        `select (select count(*)::int from webhooks.pending where webhook_id = $1) as pending, failing_since, delivered_at
         from webhooks.webhook where id = $1`,
        [webhookId],
      )
      const { pending = 0, failing_since = null, delivered_at = null } = rows[0] ?? {}
      const time = (text: string | null): number | undefined => (text === null ? undefined : Number(text))
      return { pendingStreams: pending, failingSince: time(failing_since), deliveredAt: time(delivered_at) }
    },
  }
}

async function transaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let failure: Error | undefined
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error))
    throw error
  } finally {
    // a client that failed may be inside its transaction still: closing it rolls back
    client.release(failure)
  }
}
