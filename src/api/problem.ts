import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type ErrorCode, errors } from '../domain/kernel/errors.ts'

/** An answer that is not the wished one: thrown anywhere under a route, written as RFC 9457 in one place. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>>
  readonly retryAfterSeconds: number | undefined

  constructor(code: ErrorCode, details: Readonly<Record<string, unknown>> = {}, retryAfterSeconds?: number) {
    super(code)
    this.code = code
    this.details = details
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** One field that does not fit: `request.invalid` lists them. */
export function invalid(path: string, message: string): Problem {
  return new Problem('request.invalid', { issues: [{ path, message }] })
}

export const problemAnswer = z.object({
  type: z.string().describe('`/problems/<code>`, which explains it'),
  title: z.string().describe('in English or Chinese, by Accept-Language'),
  status: z.int(),
  code: z.string(),
  details: z.record(z.string(), z.unknown()).optional(),
  correlationId: z.string(),
})

export type Language = 'en' | 'zh-CN'

/** zh-CN when the caller prefers any Chinese to English. */
export function languageOf(request: FastifyRequest): Language {
  const wanted = (request.headers['accept-language'] ?? '').toLowerCase()
  const zh = wanted.search(/\bzh\b/)
  const en = wanted.search(/\ben\b/)
  return zh !== -1 && (en === -1 || zh < en) ? 'zh-CN' : 'en'
}

export const problemType = 'application/problem+json; charset=utf-8'

/** type, title, status, code, details and the correlation id. */
export function problemBody(
  problem: Problem,
  language: Language,
  correlationId: string,
): z.infer<typeof problemAnswer> {
  const { status, en, zh } = errors[problem.code]
  return {
    type: `/problems/${problem.code}`,
    title: language === 'zh-CN' ? zh : en,
    status,
    code: problem.code,
    ...(Object.keys(problem.details).length > 0 && { details: problem.details }),
    correlationId,
  }
}

export function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: Problem): FastifyReply {
  const language = languageOf(request)
  const body = problemBody(problem, language, request.id)
  if (problem.retryAfterSeconds !== undefined) reply.header('retry-after', problem.retryAfterSeconds)
  if (body.status === 401) reply.header('www-authenticate', 'Bearer, ApiKey')
  return reply
    .code(body.status)
    .header('content-language', language)
    .type(problemType)
    .serializer((answer: unknown) => JSON.stringify(answer))
    .send(body)
}
