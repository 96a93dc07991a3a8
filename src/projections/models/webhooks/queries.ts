import { z } from 'zod'
import { defineQuery } from '../../engine/query.ts'
import { isoTime, where } from '../sqlText.ts'
import { webhooksModel } from './model.ts'

const id = z.string().min(1).max(64)
const status = z.enum(['enabled', 'disabled', 'removed'])
/** administrators see all, a dealer's staff managers their own dealer's */
const base = { model: webhooksModel, owner: 'dealerId', audience: 'administration' } as const

const webhook = z.object({
  webhookId: z.string(),
  url: z.string(),
  eventTypes: z.array(z.string()),
  owner: z.string(),
  dealerId: z.string().nullable(),
  status,
  disabledReason: z.string().nullable(),
  /** names the secret that signs; the secret itself is shown only where it is made */
  secretId: z.string(),
  registeredAt: z.string(),
  changedAt: z.string(),
})
const columns = `
  w.webhook_id as "webhookId", w.url as "url", w.event_types as "eventTypes", w.owner as "owner", w.dealer_id as "dealerId", w.status as "status",
  case when w.status = 'disabled' then w.reason end as "disabledReason", w.secret_id as "secretId", ${isoTime('w.registered_at')} as "registeredAt", ${isoTime('w.changed_at')} as "changedAt"`
const registered = 'w.url is not null'

const list = defineQuery({
  ...base,
  name: 'webhooks.list',
  summary: 'Webhooks; those that were removed only when asked for',
  path: '/v1/webhooks',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), status: status.optional() }),
  row: webhook,
  order: [['webhookId', 'asc']],
  sql: ({ dealerId, status }, from, bind) =>
    `select ${columns} from ${from('webhooks')} w ${where(
      registered,
      dealerId !== undefined && `w.dealer_id = ${bind(dealerId)}`,
      status === undefined ? `w.status <> 'removed'` : `w.status = ${bind(status)}`,
    )}`,
})

const one = defineQuery({
  ...base,
  name: 'webhooks.one',
  summary: 'One webhook',
  path: '/v1/webhooks/:webhookId',
  kind: 'one',
  params: z.object({ webhookId: id, dealerId: id.optional() }),
  row: webhook,
  sql: ({ webhookId, dealerId }, from, bind) =>
    `select ${columns} from ${from('webhooks', { webhook_id: webhookId })} w ${where(
      registered,
      dealerId !== undefined && `w.dealer_id = ${bind(dealerId)}`,
    )}`,
})

export const webhooksQueries = [list, one] as const
