import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Printer } from '../../documents/printer.ts'
import { type AlertDigest, digestDays } from '../../domain/alerts/alertDigest.ts'
import { alertKindNames } from '../../domain/alerts/alertKinds.ts'
import { digestPaper } from '../../domain/alerts/digestPaper.ts'
import { severity } from '../../domain/alerts/severity.ts'
import { role } from '../../domain/access/role.ts'
import { calendarDate, zone } from '../../domain/kernel/fields.ts'
import { createBoundedCache } from '../../ledger/boundedCache.ts'
import { waitForPosition } from '../../projections/engine/waitForPosition.ts'
import { digestContent } from '../../projections/models/alerts/digest.ts'
import { alertsModel } from '../../projections/models/alerts/model.ts'
import type { ApiPorts, Principal } from '../ports.ts'
import { Problem } from '../problem.ts'
import { accessTo } from '../queryRoute.ts'
import { paperAnswer, sendPaper } from '../sendPaper.ts'

const period = z.enum(['day', 'week'])
const querystring = z.strictObject({
  period: period.default('day'),
  date: calendarDate.describe('the day, or one of the week, which begins on Monday'),
  zone: zone.default('UTC').describe('whose days'),
  format: z.enum(['json', 'html', 'pdf']).default('json'),
  language: z.enum(['en', 'zh-CN']).default('en'),
})
const answer = z.object({
  companyId: z.string(),
  role,
  dealerId: z.string().nullable(),
  period,
  from: z.string(),
  to: z.string(),
  zone: z.string(),
  knownBefore: z.string(),
  knownAt: z.string(),
  counts: z.array(
    z.object({
      kind: z.enum(alertKindNames),
      severity,
      raised: z.int(),
      ended: z.int(),
      acknowledged: z.int(),
      open: z.int(),
    }),
  ),
  alerts: z.array(
    z.object({
      alertId: z.string(),
      kind: z.enum(alertKindNames),
      severity,
      subject: z.string(),
      dealerId: z.string().nullable(),
      orderId: z.string().nullable(),
      code: z.string(),
      raisedAt: z.string(),
      position: z.string(),
      isNew: z.boolean(),
      endedAt: z.string().nullable(),
      acknowledgedAt: z.string().nullable(),
      acknowledgedBy: z.string().nullable(),
    }),
  ),
  leftOff: z.int(),
})
const { description, content } = paperAnswer('html', 'pdf')
const described = { description, content: { 'application/json': { schema: answer }, ...content } }

/** After the end of a day so much more, until every process has written what belongs to it. */
const settleMilliseconds = 60_000
const waitMilliseconds = 2_000
const alertsAtMost = 1_000
/** a digest never changes, and is asked in both languages and as a paper */
const kept = 50

/** `GET /v1/alert-digests`: what the caller's role is told of a day or a week, as it was known at its end. */
export function alertDigestRoute(app: FastifyInstance, ports: ApiPorts, printer: Printer): void {
  const { store, now, readerOf, settings } = ports
  const reader = readerOf(alertsModel)
  const digests = createBoundedCache<AlertDigest>({ capacity: kept })
  app.route({
    method: 'GET',
    url: '/v1/alert-digests',
    config: { access: accessTo({ audience: 'everyone', owner: 'dealerId' }) },
    schema: {
      operationId: 'alerts.digest',
      summary: 'The alerts of a day or week by the rules of the caller’s role: raised, acknowledged, still open',
      tags: [alertsModel.name],
      querystring,
      response: { 200: described },
    },
    handler: async (request, reply) => {
      const { format, language, ...asked } = request.query as z.infer<typeof querystring> // checked by its schema
      const digest = await digestOf(request.principal, asked)
      return format === 'json' ? digest : sendPaper(request, reply, printer, digestPaper(digest, language), format)
    },
  })

  async function digestOf(
    { role, dealerId }: Principal,
    { period, date, zone }: Pick<z.infer<typeof querystring>, 'period' | 'date' | 'zone'>,
  ): Promise<AlertDigest> {
    const { begin, end, from, to } = digestDays(period, date, zone)
    if (now() < end + settleMilliseconds) throw new Problem('alerts.digest_open', { from, to, zone })
    const key = JSON.stringify([role, dealerId, period, from, zone])
    const known = digests.get(key)
    if (known) return known
    const [knownBefore, knownAt] = [await store.positionAt(begin - 1), await store.positionAt(end - 1)]
    await waitForPosition(reader, alertsModel.name, knownAt, waitMilliseconds)
    const { companyId } = settings
    const content = await digestContent(
      reader,
      { companyId, role, dealerId, period, knownBefore, knownAt },
      alertsAtMost,
    )
    const positions = { knownBefore: knownBefore.toString(), knownAt: knownAt.toString() }
    const digest = { companyId, role, dealerId: dealerId ?? null, period, from, to, zone, ...positions, ...content }
    digests.set(key, digest)
    return digest
  }
}
