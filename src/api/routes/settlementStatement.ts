import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Printer } from '../../documents/printer.ts'
import { paperFormats } from '../../documents/renderPaper.ts'
import { settlementPaper } from '../../domain/rebates/settlementPaper.ts'
import { rebatesModel } from '../../projections/models/rebates/model.ts'
import { openExplanation } from '../openExplanation.ts'
import type { ApiPorts } from '../ports.ts'
import { Problem } from '../problem.ts'
import { accessTo } from '../queryRoute.ts'
import { paperAnswer, sendPaper } from '../sendPaper.ts'
import { ownSettlement, settlementParams } from '../settlementKey.ts'

const querystring = z.strictObject({
  format: z.enum(paperFormats).default('html'),
  language: z.enum(['en', 'zh-CN']).default('en'),
})

/** `GET …/statement`: a settlement on paper, the same bytes whenever it is asked for. */
export function settlementStatementRoute(app: FastifyInstance, ports: ApiPorts, printer: Printer): void {
  app.route({
    method: 'GET',
    url: '/v1/settlements/:programmeId/:dealerId/:currency/:periodId/:settlementNo/statement',
    config: { access: accessTo({ audience: 'everyone', owner: 'dealerId' }) },
    schema: {
      operationId: 'settlements.statement',
      summary: 'The statement of a settlement, as HTML, PDF or spreadsheet, in English or Chinese',
      tags: [rebatesModel.name],
      params: settlementParams,
      querystring,
      response: { 200: paperAnswer(...paperFormats) },
    },
    handler: async (request, reply) => {
      const { format, language } = request.query as z.infer<typeof querystring> // checked by its schema
      const settlement = await openExplanation(ports, ownSettlement(request))
      if (!settlement) throw new Problem('object.not_found')
      return sendPaper(request, reply, printer, settlementPaper(settlement, language), format)
    },
  })
}
