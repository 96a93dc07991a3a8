import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { errors } from '../../domain/kernel/errors.ts'
import { own } from '../../domain/kernel/table.ts'
import { languageOf, Problem } from '../problem.ts'

const entry = z.object({
  type: z.string(),
  code: z.string(),
  status: z.int(),
  title: z.string(),
  titles: z.object({ en: z.string(), 'zh-CN': z.string() }),
})

/** Explains the codes: what `type` of a problem points to. */
export function problemRoutes(app: FastifyInstance): void {
  app.route({
    method: 'GET',
    url: '/problems',
    config: { open: true },
    schema: {
      operationId: 'problems.list',
      summary: 'Every code a problem may have',
      tags: ['problems'],
      response: { 200: z.object({ items: z.array(entry) }) },
    },
    handler: async (request) => ({ items: Object.keys(errors).map((code) => entryOf(code, languageOf(request))) }),
  })
  app.route({
    method: 'GET',
    url: '/problems/:code',
    config: { open: true },
    schema: {
      operationId: 'problems.one',
      summary: 'What a code means',
      tags: ['problems'],
      params: z.strictObject({ code: z.string().max(100) }),
      response: { 200: entry },
    },
    handler: async (request) => entryOf((request.params as { code: string }).code, languageOf(request)), // checked by its schema
  })
}

function entryOf(code: string, language: 'en' | 'zh-CN'): z.infer<typeof entry> {
  const found = own(errors, code)
  if (!found) throw new Problem('object.not_found')
  const { status, en, zh } = found
  return { type: `/problems/${code}`, code, status, title: language === 'zh-CN' ? zh : en, titles: { en, 'zh-CN': zh } }
}
