import { z } from 'zod'
import type { Source } from '../../engine/ask.ts'
import type { Bind } from '../../engine/foldQuery.ts'
import { defineQuery } from '../../engine/query.ts'
import { isoTime, where } from '../sqlText.ts'
import { activityModel } from './model.ts'
import { sentences } from './sentences.ts'

const id = z.string().min(1).max(64)

/** The sentence of a row in one language: its template with every `{name}` replaced by what the event says, or left out. */
function sentence(language: 'en' | 'zh', templates: string): string {
  return `(select string_agg(part[1] || case when part[2] is null then '' when part[2] = 'actor' then e.actor else coalesce(e.subjects->>part[2], '') end, '' order by n)
    from regexp_matches(coalesce(${templates}->e.code->>'${language}', e.code), '([^{]*)(?:\\{(\\w+)\\})?', 'g') with ordinality as m(part, n))`
}

const feedRow = z.object({
  position: z.string(),
  eventId: z.string(),
  occurredAt: z.string(),
  code: z.string(),
  stream: z.string(),
  /** the dealer, or the party whose stock it is; null where nobody's */
  dealerId: z.string().nullable(),
  orderId: z.string().nullable(),
  actor: z.string(),
  source: z.enum(['command', 'process', 'schedule', 'import']),
  subjects: z.record(z.string(), z.string()),
  en: z.string(),
  zh: z.string(),
})
const filters = {
  dealerId: id.optional(),
  /** event type */
  code: id.optional(),
  stream: z.string().min(1).max(500).optional(),
  actor: id.optional(),
}
/** Who may sign in, and which outside systems listen, is for those who administer it. */
const isAdministration = `(starts_with(e.stream, 'principal-') or starts_with(e.stream, 'webhook-'))`

function feedSql(
  params: z.infer<z.ZodObject<typeof filters>> & { readonly orderId?: string | undefined },
  about: string,
  from: Source,
  bind: Bind,
): string {
  const { dealerId, orderId, code, stream, actor } = params
  const templates = `${bind(JSON.stringify(sentences))}::jsonb`
  const owner = 'coalesce(e.dealer_id, w.dealer_id)'
  return `select e.entry as "position", e.event as "eventId", ${isoTime('e.occurred_at')} as "occurredAt", e.code as "code", e.stream as "stream",
      ${owner} as "dealerId", e.order_id as "orderId", e.actor as "actor", e.source as "source", e.subjects as "subjects",
      ${sentence('en', templates)} as "en", ${sentence('zh', templates)} as "zh"
    from ${from('entries')} e left join ${from('owners')} w on w.order_id = e.order_id ${where(
      about,
      dealerId !== undefined && `${owner} = ${bind(dealerId)}`,
      orderId !== undefined && `e.order_id = ${bind(orderId)}`,
      code !== undefined && `e.code = ${bind(code)}`,
      stream !== undefined && `e.stream = ${bind(stream)}`,
      actor !== undefined && `e.actor = ${bind(actor)}`,
    )}`
}

const feed = defineQuery({
  model: activityModel,
  owner: 'dealerId',
  audience: 'everyone',
  name: 'activity.feed',
  summary:
    'What happened, newest first: one line per event with a sentence in English and Chinese; for a dealer what concerns it',
  path: '/v1/activity',
  kind: 'list',
  params: z.object({ ...filters, orderId: id.optional() }),
  row: feedRow,
  order: [['position', 'desc']],
  sql: (params, from, bind) => feedSql(params, `not ${isAdministration}`, from, bind),
})

const administration = defineQuery({
  model: activityModel,
  owner: 'dealerId',
  audience: 'administration',
  name: 'activity.administration',
  summary: 'What happened to principals, their keys and webhooks, newest first; for a dealer to its own',
  path: '/v1/administration-activity',
  kind: 'list',
  params: z.object(filters),
  row: feedRow,
  order: [['position', 'desc']],
  sql: (params, from, bind) => feedSql(params, isAdministration, from, bind),
})

export const activityQueries = [feed, administration] as const
