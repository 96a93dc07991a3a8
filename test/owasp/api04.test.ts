import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operationsOf } from '../fuzz/operations.ts'
import type { JsonSchema } from '../fuzz/jsonSchema.ts'
import { openTestApi, type TestApi } from '../support/api.ts'

// API4:2023 Unrestricted resource consumption. Rate, concurrency and guesses: test/api/limits.test.ts; load:
// test/runtime/overload.test.ts. Here: nothing that a caller sends is without a bound.

let api: TestApi
beforeAll(async () => {
  api = await openTestApi()
})
afterAll(() => api.close())

/** Texts and lists of a schema without an upper bound. */
function unbounded(schema: JsonSchema, path: string): string[] {
  const { properties = {}, items, anyOf = [], oneOf = [], additionalProperties } = schema
  const isBounded =
    schema.maxLength !== undefined || schema.pattern !== undefined || schema.enum !== undefined || 'const' in schema
  return [
    ...(schema.type === 'string' && !isBounded ? [path] : []),
    ...(schema.type === 'array' && schema.maxItems === undefined ? [`${path}[]`] : []),
    ...Object.entries(properties).flatMap(([name, inner]) => unbounded(inner, `${path}.${name}`)),
    ...(items ? unbounded(items, `${path}[]`) : []),
    ...[...anyOf, ...oneOf].flatMap((one) => unbounded(one, path)),
    ...(typeof additionalProperties === 'object' ? unbounded(additionalProperties, `${path}.*`) : []),
  ]
}

/** Checked by a rule that JSON Schema does not show: real currencies and real dates are short. */
const byRule =
  /^metrics\.\w+\.(until|in)$|\.(currency|currencies\[\]|base|quote|from|until|to|date|day|expiresOn|receivedOn|expectedOn|requestedDeliveryOn|dueOn|startsOn|endsOn|dueBefore|expiresBefore|sampleFrom|sampleTo|firstDay|launchedOn|on)$/

describe('what a caller sends', () => {
  test('has a bound in every field of every operation', async () => {
    const operations = operationsOf((await api.send(undefined, 'GET', '/openapi.json')).json())
    const found = operations.flatMap(({ id, path, query, body = {} }) =>
      [...Object.entries({ ...path, ...query }), ['body', body] as const].flatMap(([name, schema]) =>
        unbounded(schema, `${id}.${name}`),
      ),
    )
    expect(found.filter((one) => !byRule.test(one))).toEqual([])
  })

  test.each([
    ['a body of more than a megabyte', { body: `{"x":"${'x'.repeat(1_100_000)}"}` }, 413],
    ['a body that nests without end', { body: `{"name":${'['.repeat(100_000)}` }, 400],
    ['a key without end', { key: 'k'.repeat(10_000) }, 400],
  ])('%s is refused', async (_name, options, status) => {
    const answer = await api.send('admin', 'POST', '/v1/products', { body: {}, ...options })
    expect(answer.statusCode).toBe(status)
  })

  test.each([
    ['pages', '/v1/dealers?limit=501'],
    ['pages of the log', '/v1/events?limit=501'],
    ['cursors', `/v1/dealers?cursor=${'x'.repeat(4_001)}`],
    ['lists of types', `/v1/events?types=${Array.from({ length: 101 }, () => 'A').join(',')}`],
    ['ranges of days', '/v1/inventory-days?from=0001-01-01&to=9999-12-31'],
  ])('%s have an end', async (_name, url) => {
    const answer = await api.send('admin', 'GET', url)
    expect([answer.statusCode, answer.json().code], `answered ${answer.body}`).toEqual([400, 'request.invalid'])
  })
})
