import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { jsonSchemaTransform } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { ApiPorts } from './ports.ts'
import { problemAnswer } from './problem.ts'

/** The OpenAPI 3.1 document, made from the schemas that check requests. Before any route. */
export async function addOpenApi(app: FastifyInstance, { settings }: ApiPorts): Promise<void> {
  app.addHook('onRoute', ({ schema }) => {
    if (!schema?.response) return
    Object.assign(schema.response, { '4xx': problem, '5xx': problem })
    // what takes no query parameters refuses them too: a misspelt one is not silently left out
    schema.querystring ??= z.strictObject({})
  })
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Channel ledger',
        version: settings.version,
        description:
          'Commands need an Idempotency-Key; changes need If-Match with the ETag of what was seen. Questions take asOf, knownAt and atLeast. Errors are problem details (RFC 9457), explained at /problems/<code>.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      components: {
        securitySchemes: {
          token: {
            type: 'http',
            scheme: 'bearer',
            description: 'a token of the OIDC issuer, or a demonstration session',
          },
          apiKey: {
            type: 'apiKey',
            in: 'header',
            name: 'authorization',
            description: 'Authorization: ApiKey <keyId>.<secret>',
          },
        },
      },
    },
    transform: (document) => {
      const { schema, url } = jsonSchemaTransform(document)
      const access = document.route.config?.access
      return { schema: schema && withAccess(requireHeaders(schema), access), url }
    },
  })
  app.get('/openapi.json', { schema: { hide: true }, config: { open: true } }, async () => app.swagger())
}

const problem = {
  description: 'Problem details',
  content: { 'application/problem+json': { schema: problemAnswer } },
}

type Schema = ReturnType<typeof jsonSchemaTransform>['schema']

/** Their absence has problems of their own, so the schema that checks does not require them; the document says that they are. */
function requireHeaders(schema: Schema): Schema {
  const headers = schema['headers'] as { properties?: Record<string, unknown>; required?: string[] } | undefined // JSON Schema of an object
  const needed = ['idempotency-key', 'if-match'].filter((name) => headers?.properties && name in headers.properties)
  return needed.length === 0 ? schema : { ...schema, headers: { ...headers, required: needed } }
}

function withAccess(
  schema: Schema,
  access: { roles: readonly string[]; right?: string | undefined } | undefined,
): Schema {
  if (!access) return schema
  const roles = `Roles: ${access.roles.join(', ')}.`
  const right =
    access.right !== undefined && access.roles.includes('dealer')
      ? ` A dealer's staff need the right \`${access.right}\`.`
      : ''
  return { ...schema, description: `${roles}${right}`, security: [{ token: [] }, { apiKey: [] }] }
}
