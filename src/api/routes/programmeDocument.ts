import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { identifier } from '../../domain/kernel/fields.ts'
import type { Printer } from '../../documents/printer.ts'
import { programmePaper, programmeText } from '../../domain/rebates/programmeText.ts'
import { rebatesModel } from '../../projections/models/rebates/model.ts'
import { programmeVersions } from '../../projections/models/rebates/queries.ts'
import { askPage } from '../../projections/engine/query.ts'
import type { ApiPorts } from '../ports.ts'
import { Problem } from '../problem.ts'
import { accessTo } from '../queryRoute.ts'
import { paperAnswer, sendPaper } from '../sendPaper.ts'

const params = z.strictObject({ programmeId: identifier })
const querystring = z.strictObject({
  format: z.enum(['json', 'html', 'pdf']).default('json'),
  language: z.enum(['en', 'zh-CN']).default('en'),
  version: z.coerce.number().int().min(1).max(10_000).optional().describe('the newest when absent'),
})
const answer = z.object({
  programmeId: z.string(),
  version: z.int(),
  language: z.string(),
  title: z.string(),
  sections: z.array(
    z.object({
      heading: z.string(),
      lines: z.array(z.union([z.string(), z.array(z.string())])).describe('a sentence, or the tiers that follow one'),
    }),
  ),
})

const { description, content } = paperAnswer('html', 'pdf')
const described = { description, content: { 'application/json': { schema: answer }, ...content } }

/** `GET /v1/programmes/:programmeId/document`: the terms as a person reads them, made from nothing but the terms. */
export function programmeDocumentRoute(app: FastifyInstance, { readerOf }: ApiPorts, printer: Printer): void {
  app.route({
    method: 'GET',
    url: '/v1/programmes/:programmeId/document',
    config: { access: accessTo({ audience: 'everyone', owner: 'dealerId' }) },
    schema: {
      operationId: 'programmes.document',
      summary: 'A rebate programme as a document, in English or Chinese',
      tags: [rebatesModel.name],
      params,
      querystring,
      response: { 200: described },
    },
    handler: async (request, reply) => {
      const { programmeId } = request.params as z.infer<typeof params> // checked by its schema
      const { format, language, version } = request.query as z.infer<typeof querystring> // checked by its schema
      const { role, dealerId } = request.principal
      const asked = { programmeId, ...(role === 'dealer' && { dealerId: dealerId ?? '' }) }
      // as few as there are versions, the newest last
      const { rows } = await askPage(readerOf(rebatesModel), programmeVersions, asked, {}, { limit: 500 })
      const row = version === undefined ? rows.at(-1) : rows.find((one) => one['version'] === version)
      if (!row) throw new Problem('object.not_found')
      const { terms } = row
      if (format !== 'json')
        return sendPaper(request, reply, printer, programmePaper(programmeId, terms, language), format)
      return { programmeId, version: terms.version, language, ...programmeText(terms, language) }
    },
  })
}
