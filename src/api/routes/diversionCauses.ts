import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { invitations, stockDays } from '../../domain/diversion/invitations.ts'
import { isTrusted } from '../../domain/diversion/sighting.ts'
import { instantOf } from '../../domain/kernel/businessTime.ts'
import { identifier } from '../../domain/kernel/fields.ts'
import { row } from '../../domain/kernel/table.ts'
import { violationsAggregate } from '../../domain/violations/violations.ts'
import { rebatesModel } from '../../projections/models/rebates/model.ts'
import { serialsModel } from '../../projections/models/serials/model.ts'
import { openSightings } from '../../projections/models/serials/openSightings.ts'
import { violationsModel } from '../../projections/models/violations/model.ts'
import { openTrade } from '../../projections/models/violations/openTrade.ts'
import type { ApiPorts } from '../ports.ts'
import { Problem } from '../problem.ts'

const params = z.object({ dealerId: identifier, violationId: identifier })
const figure = z.string().describe('a decimal')
const sentence = { en: z.string(), zh: z.string() }
const answer = z.object({
  knownAt: z.string().describe('the ledger position that the answer rests on'),
  programmes: z.array(
    z.object({
      programmeId: z.string(),
      version: z.int(),
      method: z.string(),
      periodId: z.string(),
      endsAt: z.string(),
      daysLeft: z.int(),
      whatIf: z
        .looseObject({})
        .optional()
        .describe('a body for `POST /v1/what-if`: the same tiers, each part of the volume at its own rate'),
      ...sentence,
    }),
  ),
  priceGaps: z.array(
    z.object({
      sku: z.string(),
      unit: z.string(),
      currency: z.string(),
      home: figure,
      foreign: figure,
      gap: figure,
      ...sentence,
    }),
  ),
  overstock: z.array(z.object({ sku: z.string(), bought: figure, sold: figure, excess: figure, ...sentence })),
})
const waitMilliseconds = 2_000

/** `GET …/causes`: what in our own terms invites goods to leave their territory; for the company alone. */
export function diversionCausesRoute(app: FastifyInstance, { store, registry, handler, readerOf }: ApiPorts): void {
  app.route({
    method: 'GET',
    url: '/v1/violations/:dealerId/:violationId/causes',
    config: { access: { roles: ['admin', 'sales', 'finance', 'analyst', 'auditor'] } },
    schema: {
      operationId: 'violations.causes',
      summary:
        'What in our own terms invites a diversion: rebates with cliffs, price gaps between regions, too much stock',
      tags: [violationsModel.name],
      params,
      response: { 200: answer },
    },
    handler: async (request) => {
      const { dealerId, violationId } = request.params as z.infer<typeof params> // checked by its schema
      const found = row((await handler.load(violationsAggregate, dealerId)).cases, violationId)
      if (found?.region === undefined) throw new Problem('object.not_found', { violationId })
      const { companyId, region, from, to: at } = found
      const upTo = await store.head()
      const window = { from: instantOf(from), until: instantOf(at) + 1, upTo }
      const seen = await openSightings(readerOf(serialsModel), waitMilliseconds).of(dealerId, window)
      const there = seen.filter((one) => one.region === region && (found.kind !== 'DIVERSION' || isTrusted(one)))
      const skus = [...new Set(there.flatMap(({ sku }) => (sku === undefined ? [] : [sku])))]
      const { rows } = await readerOf(rebatesModel).ask<{ programmeId: string }>(
        {},
        (source) =>
          `select p.programme_id as "programmeId" from ${source('programmes')} p where p.is_active order by 1`,
      )
      const trade = openTrade(readerOf(violationsModel), { store, registry }, waitMilliseconds)
      const programmeIds = rows.map(({ programmeId }) => programmeId)
      const occasion = { companyId, dealerId, region, skus, at, upTo, programmeIds }
      const { programmes, priceGaps, overstock } = await invitations({ load: handler.load, trade }, occasion)
      return {
        knownAt: upTo.toString(),
        programmes: programmes.map((one) => ({
          ...one,
          en: `${one.programmeId} pays on the whole volume once a step is reached, and its period ended ${one.daysLeft} days later`,
          zh: `${one.programmeId} 达档后按全部销量返利，期末在 ${one.daysLeft} 天之后`,
        })),
        priceGaps: priceGaps.map((one) => ({
          ...one,
          en: `${one.sku} costs ${one.home} ${one.currency} at home and ${one.foreign} in ${region}`,
          zh: `${one.sku} 在本区的价格为 ${one.home} ${one.currency}，在 ${region} 为 ${one.foreign}`,
        })),
        overstock: overstock.map((one) => ({
          ...one,
          en: `In ${stockDays} days the dealer bought ${one.bought} of ${one.sku} and sold ${one.sold}`,
          zh: `${stockDays} 天内该经销商进货 ${one.sku} ${one.bought} 件，售出 ${one.sold} 件`,
        })),
      }
    },
  })
}
