import type { DeliveryStore, Pending, UndeliveredEvent, Webhook } from './deliveryStore.ts'

interface Row {
  readonly webhookId: string
  readonly stream: string
  next: number
  known: number
  attempts: number
  dueAt: number
  lease: number
  leaseUntil: number
}

/** For tests and simulated time: gone with the process. */
export function createMemoryDeliveryStore(): DeliveryStore {
  let feed = 0n
  let leases = 0
  const webhooks = new Map<string, Webhook>()
  const health = new Map<string, { failingSince: number | undefined; deliveredAt: number | undefined }>()
  const rows = new Map<string, Row>()
  const dead: UndeliveredEvent[] = []

  const keyOf = (webhookId: string, stream: string): string => `${webhookId}\n${stream}`
  const rowsOf = (webhookId: string): Row[] => [...rows.values()].filter((row) => row.webhookId === webhookId)
  const isDue = (row: Row, now: number): boolean => row.dueAt <= now && row.leaseUntil <= now
  const held = ({ webhook, stream, lease }: Pending): Row | undefined => {
    const row = rows.get(keyOf(webhook.webhookId, stream))
    return row?.lease === lease ? row : undefined
  }
  const healthOf = (webhookId: string) => health.get(webhookId) ?? { failingSince: undefined, deliveredAt: undefined }

  function note(webhookId: string, stream: string, first: number, last: number, now: number): void {
    const row = rows.get(keyOf(webhookId, stream))
    if (row) Object.assign(row, { next: Math.min(row.next, first), known: Math.max(row.known, last) })
    else {
      const fresh = { attempts: 0, dueAt: now, lease: 0, leaseUntil: 0 }
      rows.set(keyOf(webhookId, stream), { webhookId, stream, next: first, known: last, ...fresh })
    }
  }

  return {
    load: async () => ({ position: feed, webhooks: [...webhooks.values()] }),
    async advance({ from, to, webhooks: changed, dropped, noted, now }) {
      if (feed !== from) return false
      feed = to
      for (const webhook of changed) webhooks.set(webhook.webhookId, webhook)
      for (const row of dropped.flatMap(rowsOf)) {
        rows.delete(keyOf(row.webhookId, row.stream))
        const { webhookId, stream, next, attempts } = row
        dead.push({ webhookId, stream, revision: next, attempts, reason: 'disabled', at: now })
      }
      for (const webhookId of dropped) health.delete(webhookId)
      for (const { webhookId, stream, first, last } of noted) note(webhookId, stream, first, last, now)
      return true
    },
    due: async (now) => [
      ...new Set([...rows.values()].filter((row) => isDue(row, now)).map(({ webhookId }) => webhookId)),
    ],
    async claim(webhookId, now, leaseUntil, limit) {
      const webhook = webhooks.get(webhookId)
      if (!webhook) return []
      const claimed = rowsOf(webhookId)
        .filter((row) => isDue(row, now))
        .sort((a, b) => a.dueAt - b.dueAt)
        .slice(0, limit)
      return claimed.map((row) => {
        leases += 1
        Object.assign(row, { lease: leases, leaseUntil })
        const { stream, next, known, attempts, lease } = row
        return { webhook, stream, next, known, attempts, lease }
      })
    },
    async delivered(pending, next, now, leaseUntil) {
      const row = held(pending)
      if (!row) return undefined
      Object.assign(row, { next, attempts: 0, leaseUntil })
      health.set(row.webhookId, { failingSince: undefined, deliveredAt: now })
      return row.known
    },
    async failed(pending, next, attempts, dueAt, now) {
      const row = held(pending)
      if (!row) return undefined
      Object.assign(row, { next, attempts, dueAt, leaseUntil: 0 })
      const { failingSince = now, deliveredAt } = healthOf(row.webhookId)
      health.set(row.webhookId, { failingSince, deliveredAt })
      return failingSince
    },
    async giveUp(pending, undelivered, leaseUntil) {
      const row = held(pending)
      if (!row) return undefined
      dead.push(undelivered)
      Object.assign(row, { next: undelivered.revision + 1, attempts: 0, leaseUntil })
      return row.known
    },
    async release(pending, next, dueAt) {
      const row = held(pending)
      if (!row) return
      Object.assign(row, { next, dueAt, leaseUntil: 0 })
      if (row.next > row.known) rows.delete(keyOf(row.webhookId, row.stream))
    },
    undelivered: async (webhookId, limit) =>
      dead
        .filter((event) => event.webhookId === webhookId)
        .reverse()
        .slice(0, Math.min(limit, 1_000)),
    async redeliver(webhookId, stream, revision, now) {
      const found = dead.findIndex(
        (event) => event.webhookId === webhookId && event.stream === stream && event.revision === revision,
      )
      if (found !== -1) dead.splice(found, 1)
      note(webhookId, stream, revision, revision, now)
      leases += 1
      Object.assign(rows.get(keyOf(webhookId, stream)) ?? {}, { dueAt: now, lease: leases, leaseUntil: 0 })
    },
    status: async (webhookId) => ({ pendingStreams: rowsOf(webhookId).length, ...healthOf(webhookId) }),
  }
}
