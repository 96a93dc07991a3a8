import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { conductRulesAggregate, type ConductRulesState } from '../../domain/conduct/conductRules.ts'
import { identifier } from '../../domain/kernel/fields.ts'
import { stackingClass, terms } from '../../domain/rebates/terms.ts'
import { termsProblem } from '../../domain/rebates/termsProblem.ts'
import { rebatesModel } from '../../projections/models/rebates/model.ts'
import { openRebateFacts } from '../../projections/models/rebates/rebateFacts.ts'
import { whatIf } from '../../projections/models/rebates/whatIf.ts'
import type { ApiPorts } from '../ports.ts'
import { invalid, Problem } from '../problem.ts'

const programme = { programmeId: identifier }
/** What is asked, on the command line too. */
export const whatIfBody = z.strictObject({
  periodIds: z.array(identifier).min(1).max(40).describe('of the calendars of the programmes'),
  programmes: z
    .array(z.strictObject({ ...programme, terms: terms.optional() }))
    .max(20)
    .default([])
    .describe('other terms, from their `effectiveFrom` on; without terms: as if the programme had never been'),
  stacking: z
    .array(
      z.strictObject({
        groupId: identifier,
        programmes: z
          .array(z.strictObject({ ...programme, class: stackingClass }))
          .min(1)
          .max(20),
      }),
    )
    .max(20)
    .default([])
    .describe('another order of a stacking group'),
  members: z
    .array(z.strictObject({ ...programme, dealerId: identifier, isMember: z.boolean() }))
    .max(1_000)
    .default([])
    .describe('dealers that were members all the time, or never'),
})
/** The first place where the terms of a draft contradict themselves, or the rules of the company. */
export function draftProblem(
  { programmes }: Pick<z.infer<typeof whatIfBody>, 'programmes'>,
  rules: ConductRulesState,
): ReturnType<typeof termsProblem> {
  for (const [n, one] of programmes.entries()) {
    const problem = one.terms && termsProblem(one.terms, rules)
    if (problem) return { ...problem, at: `programmes.${n}.terms.${problem.at}` }
  }
  return undefined
}

const compared = {
  currency: z.string(),
  now: z.string().describe('earned as it is, minor units'),
  then: z.string().describe('earned as it would be'),
  difference: z.string(),
}
/** A node of an explanation down to its tiers. */
const tree = z.looseObject({ id: z.string(), code: z.string(), amount: z.string() })
const answer = z.object({
  knownAt: z.string().describe('the ledger position that the answer rests on'),
  totals: z.array(z.object(compared)),
  programmes: z.array(z.object({ ...programme, ...compared })),
  dealers: z
    .array(z.object({ dealerId: z.string(), ...compared }))
    .describe('those with a difference, the largest first'),
  changes: z
    .array(
      z.object({
        programmeId: z.string(),
        dealerId: z.string(),
        periodId: z.string(),
        ...compared,
        before: tree.nullable(),
        after: tree.nullable(),
      }),
    )
    .describe('the largest differences with what they were made of'),
})
const waitMilliseconds = 2_000

/** `POST /v1/what-if`: what dealers would have earned under other terms, in another order or as other members; writes nothing. */
export function whatIfRoute(app: FastifyInstance, { store, handler, readerOf, now, settings }: ApiPorts): void {
  app.route({
    method: 'POST',
    url: '/v1/what-if',
    config: { access: { roles: ['admin', 'sales', 'finance', 'analyst'] } },
    schema: {
      operationId: 'rebates.whatIf',
      summary: 'What dealers would have earned under other terms, over periods of the past; nothing is written',
      tags: [rebatesModel.name],
      body: whatIfBody,
      response: { 200: answer },
    },
    handler: async (request) => {
      const { periodIds, ...draft } = request.body as z.infer<typeof whatIfBody> // checked by its schema
      const problem = draftProblem(draft, await handler.load(conductRulesAggregate, settings.companyId))
      if (problem) throw new Problem('rebates.terms_invalid', { ...problem })
      const gone = new AbortController()
      request.raw.once('aborted', () => gone.abort())
      const watermark = await store.head()
      const asked = { draft, companyId: settings.companyId, periodIds, watermark, now: now(), signal: gone.signal }
      const facts = openRebateFacts(readerOf(rebatesModel), waitMilliseconds)
      try {
        return { knownAt: watermark.toString(), ...(await whatIf({ load: handler.load, facts }, asked)) }
      } catch (error) {
        if (error instanceof RangeError) throw invalid('body.periodIds', error.message)
        throw error
      }
    },
  })
}
