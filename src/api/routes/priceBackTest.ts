import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { backTest, type BackTest } from '../../domain/detection/backTest.ts'
import { violationKind } from '../../domain/detection/rules.ts'
import type { Finding } from '../../domain/detection/judge.ts'
import { businessTime, instantOf } from '../../domain/kernel/businessTime.ts'
import { businessTime as businessTimeField } from '../../domain/kernel/fields.ts'
import { figures, evidence } from '../../domain/violations/events.ts'
import { priceRules, priceRulesProblem, pricePolicyAggregate } from '../../domain/violations/pricePolicy.ts'
import { violationIdOf } from '../../domain/violations/violationIdOf.ts'
import { violationText } from '../../domain/violations/violationText.ts'
import { violationsModel } from '../../projections/models/violations/model.ts'
import { serialsModel } from '../../projections/models/serials/model.ts'
import { openSightings } from '../../projections/models/serials/openSightings.ts'
import { openTrade } from '../../projections/models/violations/openTrade.ts'
import type { ApiPorts } from '../ports.ts'
import { invalid, Problem } from '../problem.ts'
import { goodsPort } from './claims.ts'

/** What is asked, on the command line too. */
export const backTestBody = z.strictObject({
  from: businessTimeField,
  until: businessTimeField.describe('exclusive'),
  terms: priceRules.describe('a draft; its validity does not matter here'),
})

const finding = z.object({
  violationId: z.string(),
  dealerId: z.string(),
  kind: violationKind,
  sku: z.string().nullable(),
  from: z.string(),
  to: z.string(),
  score: z.string(),
  derivesFromResale: z.boolean(),
  figures,
  evidence,
  en: z.string(),
  zh: z.string(),
})
const kindCount = z.object({ kind: violationKind, draft: z.int(), inForce: z.int() })
const answer = z.object({
  knownAt: z.string().describe('the ledger position that the answer rests on'),
  kinds: z.array(kindCount),
  more: z.array(finding).describe('what only the draft finds'),
  less: z.array(finding).describe('what only the policy in force found'),
  same: z.int(),
})
/** shown at most of each list */
const shownAtMost = 500
const longest = 800 * 86_400_000
const waitMilliseconds = 2_000

/** `POST /v1/price-policies/back-test`: what a draft of a price policy finds in history, against the one in force; writes nothing. */
export function priceBackTestRoute(app: FastifyInstance, ports: ApiPorts): void {
  const { store, handler, readerOf, registry, settings } = ports
  app.route({
    method: 'POST',
    url: '/v1/price-policies/back-test',
    config: { access: { roles: ['admin', 'sales', 'finance', 'analyst'] } },
    schema: {
      operationId: 'violations.backTest',
      summary: 'What a draft of a price policy would have found in the past; nothing is written',
      tags: [violationsModel.name],
      body: backTestBody,
      response: { 200: answer },
    },
    handler: async (request) => {
      const { from, until, terms } = request.body as z.infer<typeof backTestBody> // checked by its schema
      const problem = priceRulesProblem({ ...terms, validUntil: undefined })
      if (problem) throw new Problem(problem.refused, problem.details)
      const window = { from: instantOf(from), until: instantOf(until), upTo: await store.head() }
      if (window.until <= window.from) throw invalid('body.until', 'not after `from`')
      if (window.until - window.from > longest) throw invalid('body.until', 'more than 800 days after `from`')
      const gone = new AbortController()
      request.raw.once('aborted', () => gone.abort())
      const sources = {
        load: handler.load,
        trade: openTrade(readerOf(violationsModel), { store, registry }, waitMilliseconds),
        sightings: openSightings(readerOf(serialsModel), waitMilliseconds),
        movements: goodsPort(ports).movements,
      }
      const { companyId } = settings
      const policy = await handler.load(pricePolicyAggregate, companyId)
      const found = await backTest(sources, { companyId, draft: terms, policy, window, signal: gone.signal })
      return { knownAt: window.upTo.toString(), ...shownBackTest(found) }
    },
  })
}

/** As JSON, for the API and the command line. */
export function shownBackTest({ same, more, less }: BackTest): Omit<z.infer<typeof answer>, 'knownAt'> {
  const kinds = violationKind.options.flatMap((kind) => {
    const count = (findings: readonly Finding[]): number => findings.filter((one) => one.kind === kind).length
    const [draft, inForce] = [count(more) + count(same), count(less) + count(same)]
    return draft + inForce > 0 ? [{ kind, draft, inForce }] : []
  })
  return {
    kinds,
    more: more.slice(0, shownAtMost).map(shown),
    less: less.slice(0, shownAtMost).map(shown),
    same: same.length,
  }
}

function shown(found: Finding): z.infer<typeof finding> {
  const { dealerId, kind, sku, from, to, score, derivesFromResale, figures, evidence } = found
  return {
    violationId: violationIdOf(found),
    dealerId,
    kind,
    sku: sku === '' ? null : sku,
    from: businessTime(instantOf(from), 'UTC'),
    to: businessTime(instantOf(to), 'UTC'),
    score,
    derivesFromResale,
    figures: { ...figures },
    evidence: [...evidence],
    en: violationText(kind, figures, 'en'),
    zh: violationText(kind, figures, 'zh-CN'),
  }
}
