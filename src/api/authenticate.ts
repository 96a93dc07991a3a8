import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { createRemoteJWKSet, errors as joseErrors, jwtVerify, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import type { Directory } from './directory.ts'
import type { ApiPorts, Principal } from './ports.ts'
import { Problem } from './problem.ts'

export type Authenticate = (authorization: string | undefined) => Promise<Principal>

const session = z.strictObject({ principal: z.string(), until: z.number() })
/** Signatures by a private key only: nobody who knows the published keys can make one. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']
const noHash = Buffer.alloc(32)

/**
 * `Bearer <token of the OIDC issuer>`, `ApiKey <keyId>.<secret>`, and in demonstration mode `Bearer demo.<session>`.
 * Throws the problems `auth.required`, `auth.invalid`, which never says what was wrong, and `auth.issuer_unavailable`.
 */
export function createAuthenticate(ports: ApiPorts, directory: Directory): Authenticate {
  const issuerKeys = keySource(ports)

  return async (authorization) => {
    if (authorization === undefined) throw new Problem('auth.required')
    const [scheme = '', credentials = '', ...rest] = authorization.split(' ')
    if (credentials === '' || rest.length > 0) throw new Problem('auth.invalid')
    const principal = await byScheme(scheme.toLowerCase(), credentials)
    if (!principal) throw new Problem('auth.invalid')
    return principal
  }

  async function byScheme(scheme: string, credentials: string): Promise<Principal | undefined> {
    if (scheme === 'apikey') return byApiKey(credentials)
    if (scheme !== 'bearer') return undefined
    return credentials.startsWith('demo.') ? byDemonstration(credentials.slice('demo.'.length)) : byToken(credentials)
  }

  async function byApiKey(credentials: string): Promise<Principal | undefined> {
    const dot = credentials.indexOf('.')
    if (dot < 1 || credentials.length > 300) return undefined
    const known = await directory.byKey(credentials.slice(0, dot))
    const hash = createHash('sha256')
      .update(credentials.slice(dot + 1))
      .digest()
    // the comparison runs for unknown keys too: no difference in time tells them apart
    const same = timingSafeEqual(hash, known ? Buffer.from(known.hash, 'hex') : noHash)
    const expired = known?.expiresAt !== undefined && known.expiresAt <= ports.now()
    return same && !expired ? known?.principal : undefined
  }

  async function byToken(token: string): Promise<Principal | undefined> {
    const { oidc } = ports.settings
    if (!oidc || !issuerKeys) return undefined
    const subject = await subjectOf(token, oidc, issuerKeys)
    return subject === undefined ? undefined : directory.byIdentity(oidc.issuer, subject)
  }

  async function subjectOf(
    token: string,
    { issuer, audience }: { issuer: string; audience: string },
    keys: JWTVerifyGetKey,
  ): Promise<string | undefined> {
    try {
      const currentDate = new Date(ports.now())
      const requiredClaims = ['sub', 'exp']
      const checks = { issuer, audience, algorithms, currentDate, requiredClaims, clockTolerance: 5 }
      return (await jwtVerify(token, keys, checks)).payload.sub
    } catch (error) {
      if (!(error instanceof joseErrors.JOSEError)) throw error
      const away = error instanceof joseErrors.JWKSTimeout || error.code === 'ERR_JOSE_GENERIC'
      if (away) throw new Problem('auth.issuer_unavailable', {}, 5)
      return undefined
    }
  }

  async function byDemonstration(token: string): Promise<Principal | undefined> {
    const demonstration = ports.settings.mode === 'development' ? ports.demonstration?.() : undefined
    const [content = '', signature = ''] = token.split('.')
    if (!demonstration || !sameText(signature, sign(ports, content))) return undefined
    // signed by this server: it is what demonstrationToken wrote
    const { principal, until } = session.parse(JSON.parse(Buffer.from(content, 'base64url').toString('utf8')))
    const offered = demonstration.principals.find(({ id }) => id === principal)
    if (!offered || until <= ports.now()) return undefined
    const standing = await directory.byId(principal)
    // the read model may not have come so far while the demonstration is filled
    return standing === 'disabled' ? undefined : (standing ?? offered)
  }
}

/** A session of the demonstration, good for a day. */
export function demonstrationToken(ports: ApiPorts, principal: string): string {
  const content = Buffer.from(JSON.stringify({ principal, until: ports.now() + 86_400_000 })).toString('base64url')
  return `demo.${content}.${sign(ports, content)}`
}

function sign({ settings }: ApiPorts, content: string): string {
  return createHmac('sha256', settings.accessKey).update(`demonstration session\0${content}`).digest('base64url')
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

/** The issuer's keys, found through its discovery document on first use and cached by jose. */
function keySource({ settings: { oidc } }: ApiPorts): JWTVerifyGetKey | undefined {
  if (!oidc) return undefined
  let found: Promise<JWTVerifyGetKey> | undefined
  return async (header, token) => {
    const asked = (found ??= discover(oidc.issuer))
    try {
      const keys = await asked
      return await keys(header, token)
    } catch (error) {
      if (error instanceof joseErrors.JOSEError) throw error
      if (found === asked) found = undefined // the issuer was not reachable: ask again next time
      throw new Problem('auth.issuer_unavailable', {}, 5)
    }
  }
}

const discovery = z.object({ issuer: z.string(), jwks_uri: z.url() })

async function discover(issuer: string): Promise<JWTVerifyGetKey> {
  const answer = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(5000),
  })
  if (!answer.ok) throw new Error(`the token issuer answers ${answer.status}`)
  const document = discovery.parse(await answer.json())
  if (document.issuer !== issuer) throw new Error('the discovery document is of another issuer')
  return createRemoteJWKSet(new URL(document.jwks_uri), { timeoutDuration: 5000 })
}
