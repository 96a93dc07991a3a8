import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operationsOf } from '../fuzz/operations.ts'
import { openTestApi, type TestApi } from '../support/api.ts'
import { routes } from '../access/routes.ts'

// API9:2023 Improper inventory management: nothing answers that is not in the document, the access table and one version.

let api: TestApi
beforeAll(async () => {
  api = await openTestApi({ demonstration: () => ({ done: 0, total: 0, principals: [] }) })
})
afterAll(() => api.close())

const apart = ['GET /', 'GET /docs', 'GET /live', 'GET /openapi.json']

describe('the inventory', () => {
  test('of the document, of the access table and of the program is one', async () => {
    const operations = operationsOf((await api.send(undefined, 'GET', '/openapi.json')).json())
    const documented = operations.map(({ method, url }) => `${method} ${url.replaceAll(/\{(\w+)\}/g, ':$1')}`)
    expect([...documented, ...apart].toSorted()).toEqual(Object.keys(routes).toSorted())
  })

  test('has one version, and what is outside it is not about the channel', async () => {
    const outside = Object.keys(routes).filter((route) => !route.includes(' /v1/'))
    const general = ['GET /healthz', 'GET /problems', 'GET /problems/:code', 'GET /readyz']
    expect(outside.toSorted()).toEqual([...apart, ...general].toSorted())
  })

  test('names its release', async () => {
    const { info } = (await api.send(undefined, 'GET', '/openapi.json')).json<{ info: { version: string } }>()
    expect(info.version).toBe(api.ports.settings.version)
  })

  test('is checked in all that the OWASP list has, one file each', () => {
    const asvs = readFileSync(join(import.meta.dirname, '../../docs/asvs.md'), 'utf8')
    for (let n = 1; n <= 10; n++) expect(asvs).toContain(`test/owasp/api${n.toString().padStart(2, '0')}.test.ts`)
  })
})
