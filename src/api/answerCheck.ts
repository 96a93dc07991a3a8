import type { FastifyInstance } from 'fastify'
import type { z } from 'zod'

/** `refuse` turns an answer that is not as documented into an error, `report` logs it and lets it go, `off` looks at none. */
export const answerChecks = ['refuse', 'report', 'off'] as const
export type AnswerCheck = (typeof answerChecks)[number]

/**
 * Answers are written as they were made; their schemas describe them, and here each is held against its own. A production
 * process reports what does not fit rather than keep a right figure from somebody because its description is wrong.
 */
export function checkAnswers(app: FastifyInstance, check: AnswerCheck): void {
  app.setSerializerCompiler<z.ZodType>(({ schema, method, url, httpStatus }) => {
    if (check === 'off') return (answer) => JSON.stringify(answer)
    return (answer) => {
      const { error } = schema.safeParse(answer)
      if (error) {
        const issues = error.issues.slice(0, 5).map(({ path, message }) => `${path.join('.')}: ${message}`)
        const message = `the answer ${httpStatus} of ${method} ${url} is not as documented`
        if (check === 'refuse') throw new Error(`${message}: ${issues.join('; ')}`)
        // never the values themselves
        app.log.error({ issues }, message)
      }
      return JSON.stringify(answer)
    }
  })
}
