import { z } from 'zod'
import { right, role } from '../../../domain/access/role.ts'
import { sealedText } from '../../../domain/kernel/fields.ts'
import { defineQuery } from '../../engine/query.ts'
import { isoTime, where } from '../sqlText.ts'
import { accessModel } from './model.ts'

const id = z.string().min(1).max(64)
/** administrators see all, a dealer's staff managers their own dealer's */
const base = { model: accessModel, owner: 'dealerId', audience: 'administration' } as const

const principal = z.object({
  principalId: z.string(),
  role,
  dealerId: z.string().nullable(),
  rights: z.array(right),
  displayName: sealedText,
  /** `iss` and `sub` of its tokens */
  identity: z.object({ issuer: z.string(), subject: z.string() }).nullable(),
  /** of an analyst: those whose dealers it reads; null: no bound */
  territories: z.array(z.string()).nullable(),
  databaseLogin: z.object({ login: z.string(), expiresAt: z.string() }).nullable(),
  status: z.enum(['active', 'disabled']),
  disabledReason: z.string().nullable(),
  registeredAt: z.string(),
  /** neither revoked nor expired */
  validKeys: z.string(),
})
const isValid = (now: string): string =>
  `k.hash is not null and k.revoked is null and (k.expires_at is null or k.expires_at > ${now})`
const columns = (keys: string, now: string): string => `
  p.principal_id as "principalId", p.role as "role", nullif(p.dealer_id, '') as "dealerId", p.rights as "rights", p.display_name as "displayName",
  case when p.issuer is not null then jsonb_build_object('issuer', p.issuer, 'subject', p.subject) end as "identity",
  p.reading_scope->'territories' as "territories",
  case when p.database_login ? 'login' then p.database_login - 'verifier' end as "databaseLogin",
  case when p.disabled is null then 'active' else 'disabled' end as "status", p.disabled as "disabledReason", ${isoTime('p.registered_at')} as "registeredAt",
  (select count(*) from ${keys} k where k.principal_id = p.principal_id and ${isValid(now)}) as "validKeys"`
const registered = 'p.registered is not null'

const list = defineQuery({
  ...base,
  name: 'principals.list',
  summary: 'People and machines that may sign in, with role and rights',
  path: '/v1/principals',
  kind: 'list',
  params: z.object({
    dealerId: id.optional(),
    role: role.optional(),
    status: z.enum(['active', 'disabled']).optional(),
  }),
  row: principal,
  order: [['principalId', 'asc']],
  sql: ({ dealerId, role, status }, from, bind) =>
    `select ${columns(from('api_keys'), from.at())} from ${from('principals')} p ${where(
      registered,
      dealerId !== undefined && `p.dealer_id = ${bind(dealerId)}`,
      role !== undefined && `p.role = ${bind(role)}`,
      status !== undefined && `p.disabled is ${status === 'active' ? '' : 'not '}null`,
    )}`,
})

const one = defineQuery({
  ...base,
  name: 'principals.one',
  summary: 'One principal',
  path: '/v1/principals/:principalId',
  kind: 'one',
  params: z.object({ principalId: id, dealerId: id.optional() }),
  row: principal,
  sql: ({ principalId, dealerId }, from, bind) =>
    `select ${columns(from('api_keys'), from.at())} from ${from('principals', { principal_id: principalId })} p ${where(
      registered,
      dealerId !== undefined && `p.dealer_id = ${bind(dealerId)}`,
    )}`,
})

const apiKeys = defineQuery({
  ...base,
  name: 'principals.keys',
  summary: 'The API keys of a principal; a secret is shown only where it is made',
  path: '/v1/principals/:principalId/api-keys',
  kind: 'list',
  params: z.object({ principalId: id, dealerId: id.optional() }),
  row: z.object({
    issued: z.string(),
    keyId: z.string(),
    label: z.string(),
    status: z.enum(['valid', 'expired', 'revoked']),
    issuedAt: z.string(),
    expiresAt: z.string().nullable(),
    revokedAt: z.string().nullable(),
    revokedReason: z.string().nullable(),
  }),
  order: [['issued', 'desc']],
  sql: ({ principalId, dealerId }, from, bind) =>
    `select k.issued as "issued", k.key_id as "keyId", k.label as "label",
       case when k.revoked is not null then 'revoked' when k.expires_at <= ${from.at()} then 'expired' else 'valid' end as "status",
       ${isoTime('k.issued_at')} as "issuedAt", ${isoTime('k.expires_at')} as "expiresAt", ${isoTime('k.revoked_at')} as "revokedAt", k.revoked as "revokedReason"
     from ${from('api_keys')} k join ${from('principals', { principal_id: principalId })} p on p.principal_id = k.principal_id ${where(
       'k.issued is not null',
       registered,
       dealerId !== undefined && `p.dealer_id = ${bind(dealerId)}`,
     )}`,
})

export const accessQueries = [list, one, apiKeys] as const
