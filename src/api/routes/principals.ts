import { createHash, createHmac } from 'node:crypto'
import { z } from 'zod'
import * as commands from '../../domain/access/commands.ts'
import { principalAggregate as aggregate } from '../../domain/access/decide.ts'
import { canonicalJson } from '../../ledger/canonicalJson.ts'
import { derivedId } from '../../ledger/commandIds.ts'
import type { Call, CommandRoute } from '../commandRoute.ts'
import { admin } from '../roles.ts'
import { scramVerifier } from '../scramVerifier.ts'

const one = '/v1/principals/:principalId'
/** administrators manage everybody, a dealer's staff managers their own dealer's staff */
const base = { aggregate, roles: ['admin', 'dealer'], right: 'staff', kind: 'change', method: 'POST' } as const

export const principalRoutes: readonly CommandRoute[] = [
  {
    ...base,
    kind: 'create',
    path: '/v1/principals',
    command: commands.registerPrincipal,
    summary: 'Register a person or a machine',
    idField: 'principalId',
    ownDealerFields: ['dealerId'],
  },
  {
    ...base,
    method: 'PUT',
    path: `${one}/role`,
    command: commands.changeRole,
    summary: 'Give another role',
    ownDealerFields: ['dealerId'],
  },
  {
    ...base,
    method: 'PUT',
    path: `${one}/rights`,
    command: commands.changeRights,
    summary: "Give a dealer's staff other rights",
  },
  {
    ...base,
    kind: 'create',
    path: `${one}/api-keys`,
    command: commands.issueApiKey,
    summary: 'Make an API key: the answer shows its secret, nothing else ever does',
    given: { keyId, hash: (call) => createHash('sha256').update(secretOf(call)).digest('hex') },
    shown: (call) => ({ keyId: keyId(call), apiKey: `${keyId(call)}.${secretOf(call)}` }),
    shownSchema: z.object({
      keyId: z.string(),
      apiKey: z.string().describe('for the header `Authorization: ApiKey <this>`'),
    }),
  },
  {
    ...base,
    kind: 'record',
    path: `${one}/api-keys/:keyId/revocation`,
    command: commands.revokeApiKey,
    summary: 'Revoke an API key, at once and for good',
  },
  {
    ...base,
    roles: admin,
    kind: 'record',
    method: 'PUT',
    path: `${one}/reading-scope`,
    command: commands.setReadingScope,
    summary: 'Bind an analyst to the dealers of some territories; without territories to none',
  },
  {
    ...base,
    roles: admin,
    kind: 'record',
    path: `${one}/database-login`,
    command: commands.issueDatabaseLogin,
    summary: 'Give an analyst a login of the database: the answer shows its password, nothing else ever does',
    given: { login: loginOf, verifier: (call) => scramVerifier(secretOf(call), saltOf(call)) },
    shown: (call) => ({ login: loginOf(call), password: secretOf(call) }),
    shownSchema: z.object({ login: z.string(), password: z.string() }),
  },
  {
    ...base,
    roles: admin,
    kind: 'record',
    path: `${one}/database-login/revocation`,
    command: commands.revokeDatabaseLogin,
    summary: "Revoke an analyst's login of the database",
  },
  {
    ...base,
    kind: 'record',
    path: `${one}/disabling`,
    command: commands.disablePrincipal,
    summary: 'Disable a principal with all its keys, for good',
  },
]

/** One for each analyst, and another one in every installation: roles belong to a whole server. */
function loginOf({ ports, sent }: Call): string {
  const content = canonicalJson(['database login', sent['principalId']])
  return `analyst_${createHmac('sha256', ports.settings.accessKey).update(content).digest('hex').slice(0, 12)}`
}

/** As reproducible as the password. */
function saltOf(call: Call): Buffer {
  return createHash('sha256')
    .update(`salt\0${secretOf(call)}`)
    .digest()
    .subarray(0, 16)
}

function keyId({ principal, routeName, key }: Call): string {
  return derivedId(principal.id, routeName, key)
}

/**
 * 256 bits that only this server can make, the same for a repeated request: nothing but the hash is kept, and the answer
 * to a repeat must be identical.
 */
function secretOf({ ports, principal, routeName, key, sent }: Call): string {
  const content = canonicalJson(['api key', principal.id, routeName, key, sent['principalId']])
  return createHmac('sha256', ports.settings.accessKey).update(content).digest('base64url')
}
