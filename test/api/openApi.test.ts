import { afterAll, beforeAll, expect, test } from 'vitest'
import { commandRoutes } from '../../src/api/routes/commandRoutes.ts'
import { queries } from '../../src/projections/registry.ts'
import { openTestApi, type TestApi } from '../support/api.ts'

interface Operation {
  readonly operationId?: string
  readonly summary?: string
  readonly tags?: readonly string[]
  readonly security?: readonly object[]
  readonly parameters?: readonly { name: string; in: string; required?: boolean; schema?: object }[]
  readonly requestBody?: {
    content: Record<string, { schema: { properties?: object; additionalProperties?: unknown } }>
  }
  readonly responses: Record<string, { content?: Record<string, { schema: object }> }>
}
interface OpenApi {
  readonly openapi: string
  readonly paths: Record<string, Record<string, Operation>>
}

let api: TestApi
let document: OpenApi
let operations: readonly (readonly [path: string, method: string, operation: Operation])[]
beforeAll(async () => {
  api = await openTestApi({ demonstration: () => ({ done: 0, total: 0, principals: [] }) })
  const answer = await api.send(undefined, 'GET', '/openapi.json')
  document = answer.json<OpenApi>()
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [path, method, operation] as const),
  )
})
afterAll(() => api.close())

test('the document is OpenAPI 3.1 and every reference in it leads somewhere', () => {
  expect(document.openapi).toBe('3.1.0')
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map((match) => match[1] ?? '')
  for (const reference of references) {
    const found = reference
      .split('/')
      .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document)
    expect(found, `at ${reference}`).toBeDefined()
  }
})

test('every operation has an id of its own, a summary, a tag and its problems', () => {
  const ids = operations.map(([, , { operationId }]) => operationId)
  expect(ids).not.toContain(undefined)
  expect(new Set(ids).size).toBe(ids.length)
  for (const [path, method, { summary, tags, responses }] of operations) {
    expect(summary, `${method} ${path}`).toMatch(/\S/)
    expect(tags, `${method} ${path}`).toHaveLength(1)
    expect(Object.keys(responses), `${method} ${path}`).toEqual(expect.arrayContaining(['4XX', '5XX']))
    expect(responses['4XX']?.content).toHaveProperty(['application/problem+json'])
  }
})

test('it holds every command and every question, and every route but the pages', () => {
  const ids = new Set(operations.map(([, , { operationId }]) => operationId))
  for (const { command } of commandRoutes) expect(ids, `at ${command.name}`).toContain(command.name)
  for (const { name } of queries) expect(ids, `holds ${name}`).toContain(name)
  const described = new Set(operations.map(([path, method]) => `${method.toUpperCase()} ${path}`))
  const hidden = api.app.accessTable
    .filter(({ method }) => method !== 'HEAD')
    .map(({ method, url }) => `${method} ${url.replace(/:(\w+)/g, '{$1}')}`)
    .filter((route) => !described.has(route))
  expect(hidden.toSorted()).toEqual(['GET /', 'GET /docs', 'GET /live', 'GET /openapi.json'])
})

test('path parameters are required and described by their patterns', () => {
  for (const [path, method, { parameters = [] }] of operations) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '')
    const inPath = parameters.filter((one) => one.in === 'path')
    expect(inPath.map(({ name }) => name).toSorted(), `${method} ${path}`).toEqual(named.toSorted())
    for (const { required } of inPath) expect(required).toBe(true)
  }
})

test('a command says what it needs: key, revision, closed body, access', () => {
  for (const { command, kind, path, method } of commandRoutes) {
    const operation = document.paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]
    const headers = operation?.parameters?.filter((one) => one.in === 'header') ?? []
    const required = headers.filter((one) => one.required).map(({ name }) => name)
    expect(required, `at ${command.name}`).toEqual(
      kind === 'change' ? ['idempotency-key', 'if-match'] : ['idempotency-key'],
    )
    expect(operation?.requestBody?.content['application/json']?.schema.additionalProperties, `at ${command.name}`).toBe(
      false,
    )
    expect(operation?.security, `at ${command.name}`).toHaveLength(2)
  }
})
