import fastify from 'fastify'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type AnswerCheck, checkAnswers } from '../../src/api/answerCheck.ts'

const documented = { items: [{ price: '1.50' }] }
const wrong = { items: [{ price: 1.5 }] }

async function ask(check: AnswerCheck, answer: object) {
  const lines: string[] = []
  const app = fastify({ logger: { level: 'error', stream: { write: (line: string) => void lines.push(line) } } })
  checkAnswers(app, check)
  const schema = { response: { 200: z.object({ items: z.array(z.object({ price: z.string() })) }) } }
  app.get('/', { schema }, async () => answer)
  const { statusCode, body } = await app.inject('/')
  await app.close()
  return { statusCode, body, logged: lines.join('') }
}

describe('an answer', () => {
  it('that is as documented goes out as it was made', async () => {
    for (const check of ['refuse', 'report', 'off'] as const)
      expect(await ask(check, documented)).toEqual({ statusCode: 200, body: JSON.stringify(documented), logged: '' })
  })

  it('that is not is an error, or a line of the log that tells the place and not the value, or nothing', async () => {
    expect(await ask('refuse', wrong)).toMatchObject({ statusCode: 500 })
    const reported = await ask('report', wrong)
    expect(reported).toMatchObject({ statusCode: 200, body: JSON.stringify(wrong) })
    expect(reported.logged).toContain('items.0.price')
    expect(reported.logged).not.toContain('1.5')
    expect(await ask('off', wrong)).toEqual({ statusCode: 200, body: JSON.stringify(wrong), logged: '' })
  })
})
