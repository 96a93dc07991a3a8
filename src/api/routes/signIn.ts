import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { right, role } from '../../domain/access/role.ts'
import { demonstrationToken } from '../authenticate.ts'
import type { ApiPorts, DemonstrationPrincipal } from '../ports.ts'
import { Problem } from '../problem.ts'
import { everybody } from '../roles.ts'

const principal = z.object({
  id: z.string(),
  role,
  dealerId: z.string().nullable(),
  rights: z.array(right),
})
const offered = principal.extend({ name: z.string() })

/** Who one is; and, with a demonstration channel only, whom one may be. */
export function signInRoutes(app: FastifyInstance, ports: ApiPorts): void {
  app.route({
    method: 'GET',
    url: '/v1/me',
    config: { access: { roles: everybody, keepsTerritories: true } },
    schema: { operationId: 'me', summary: 'Who you are signed in as', tags: ['access'], response: { 200: principal } },
    handler: async ({ principal: { id, role, dealerId, rights } }) => ({
      id,
      role,
      dealerId: dealerId ?? null,
      rights,
    }),
  })
  const { demonstration } = ports
  if (!demonstration || ports.settings.mode !== 'development') return
  app.route({
    method: 'GET',
    url: '/v1/demo/principals',
    config: { open: true },
    schema: {
      operationId: 'demo.principals',
      summary: 'Whom one may sign in as (demonstration only)',
      tags: ['access'],
      response: { 200: z.object({ items: z.array(offered) }) },
    },
    handler: async () => ({ items: demonstration().principals.map(shown) }),
  })
  app.route({
    method: 'POST',
    url: '/v1/demo/sign-in',
    config: { open: true },
    schema: {
      operationId: 'demo.signIn',
      summary: 'A session as one of the demonstration principals, without a password (demonstration only)',
      tags: ['access'],
      body: z.strictObject({ principal: z.string().max(64) }),
      response: { 200: z.object({ token: z.string().describe('Authorization: Bearer <this>'), principal: offered }) },
    },
    handler: async (request) => {
      const { principal: id } = request.body as { principal: string } // checked by its schema
      const found = demonstration().principals.find((one) => one.id === id)
      if (!found) throw new Problem('object.not_found')
      return { token: demonstrationToken(ports, found.id), principal: shown(found) }
    },
  })
}

function shown({ id, role, dealerId, rights, name }: DemonstrationPrincipal): z.infer<typeof offered> {
  return { id, name, role, dealerId: dealerId ?? null, rights: [...rights] }
}
