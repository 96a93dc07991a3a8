import fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addAccess } from '../../src/api/access.ts'
import { parametersOf } from '../../src/api/commandRoute.ts'
import { commandRoutes, commandsOfProcesses } from '../../src/api/routes/commandRoutes.ts'
import { resources } from '../../src/api/resources.ts'
import { aggregates } from '../../src/domain/registry.ts'
import { queries } from '../../src/projections/registry.ts'
import { openTestApi, type TestApi } from '../support/api.ts'

let api: TestApi
beforeAll(async () => {
  api = await openTestApi()
})
afterAll(() => api.close())

describe('the route table', () => {
  test('every command of the domain has one route, or a reason not to have one', () => {
    const known = aggregates.flatMap(({ commands }) => commands.map(({ name }) => name))
    const routed = commandRoutes.map(({ command }) => command.name)
    expect([...routed, ...Object.keys(commandsOfProcesses)].toSorted()).toEqual(known.toSorted())
  })

  test('a command is given to the aggregate that knows it', () => {
    for (const { aggregate, command } of commandRoutes)
      expect(aggregate.commands, `at ${command.name}`).toContain(command)
  })

  test('path parameters, ids and forced fields are fields of the command', () => {
    for (const { path, command, idField, ownDealerFields = [], given = {} } of commandRoutes) {
      const fields = Object.keys(command.schema.shape)
      const named = [...parametersOf(path), ...(idField === undefined ? [] : [idField]), ...ownDealerFields]
      for (const name of [...named, ...Object.keys(given)]) expect(fields, `at ${command.name}`).toContain(name)
    }
  })

  test('whoever must name a revision finds it beside the object', () => {
    for (const { kind, path, command, aggregate } of commandRoutes.filter((route) => route.kind === 'change')) {
      const resource = resources.find((one) => path === one.path || path.startsWith(`${one.path}/`))
      expect(resource?.aggregate, `${kind} ${command.name}`).toBe(aggregate)
    }
  })

  test('every question of the read models is mounted', () => {
    for (const { path } of queries) expect(api.app.hasRoute({ method: 'GET', url: path }), `at ${path}`).toBe(true)
  })

  test('a route that does not say who may call it keeps the app from starting', () => {
    const app = fastify()
    addAccess(
      app,
      async () => Promise.reject(new Error('not asked')),
      () => 0,
    )
    expect(() => app.get('/secret', async () => 'open')).toThrow('GET /secret does not say who may call it')
    app.get('/public', { config: { open: true } }, async () => 'open')
    expect(app.accessTable).toContainEqual({ method: 'GET', url: '/public', access: undefined })
  })
})
