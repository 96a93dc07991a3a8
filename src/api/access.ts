import type { FastifyInstance } from 'fastify'
import type { Right, Role } from '../domain/access/role.ts'
import { createBoundedCache } from '../ledger/boundedCache.ts'
import type { Authenticate } from './authenticate.ts'
import type { Principal } from './ports.ts'
import { Problem } from './problem.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** every route with who may call it, for the access matrix of the tests */
    accessTable: readonly AccessEntry[]
  }
  interface FastifyRequest {
    /** set before the handler of every route with `access` */
    principal: Principal
  }
  interface FastifyContextConfig {
    /** who may call the route */
    access?: RouteAccess
    /** the route is for everybody, signed in or not */
    open?: true
  }
}

export interface RouteAccess {
  readonly roles: readonly Role[]
  /** what a dealer's staff need beside their role */
  readonly right?: Right | undefined
  /** nothing in the answer belongs to a dealer, or the route keeps to the caller's territories: open to analysts bound to some */
  readonly keepsTerritories?: boolean
}

export interface AccessEntry {
  readonly method: string
  readonly url: string
  /** undefined: everybody */
  readonly access: RouteAccess | undefined
}

/** Failed sign-ins from one address in a minute, from which on it is not even looked at. */
const failuresAMinute = 60

/**
 * Every route says who may call it, or the app does not start. The caller is known before the body is read and after the
 * rate limit has counted (`preParsing` comes after every `onRequest`).
 */
export function addAccess(app: FastifyInstance, authenticate: Authenticate, now: () => number): void {
  const failures = createBoundedCache<{ count: number }>({ capacity: 10_000, maxAge: 60_000, now })
  const table: AccessEntry[] = []
  app.decorate('accessTable', table)
  app.addHook('onRoute', ({ config, method, url }) => {
    if (!config?.access && !config?.open) throw new Error(`${String(method)} ${url} does not say who may call it`)
    for (const one of [method].flat()) table.push({ method: one, url, access: config.access })
  })
  app.decorateRequest('principal')
  app.addHook('preParsing', async (request) => {
    const { access } = request.routeOptions.config
    if (!access) return
    const failed = failures.get(request.ip)
    if (failed && failed.count >= failuresAMinute) throw new Problem('auth.too_many_failures', {}, 60)
    try {
      request.principal = await authenticate(request.headers.authorization)
    } catch (error) {
      if (error instanceof Problem && error.code === 'auth.invalid') {
        if (failed) failed.count += 1
        else failures.set(request.ip, { count: 1 })
      }
      throw error
    }
    if (!mayCall(request.principal, access)) throw new Problem('auth.forbidden')
  })
}

export function mayCall({ role, rights, territories }: Principal, access: RouteAccess): boolean {
  if (!access.roles.includes(role)) return false
  if (territories !== undefined && access.keepsTerritories !== true) return false
  return role !== 'dealer' || access.right === undefined || rights.includes(access.right)
}
