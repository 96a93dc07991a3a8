import { instantOf } from '../kernel/businessTime.ts'
import type { Happened } from '../kernel/event.ts'
import type { PrincipalEvent } from './events.ts'
import type { Right, Role } from './role.ts'

export interface Standing {
  readonly role: Role
  readonly dealerId?: string
  /** without repeats, in alphabetical order */
  readonly rights: Right[]
}

export interface ApiKey {
  readonly keyId: string
  readonly hash: string
  readonly expiresAt?: string | undefined
  readonly revoked: boolean
}

export interface DatabaseLogin {
  readonly login: string
  readonly verifier: string
  readonly expiresAt: string
}

export type PrincipalState =
  | { readonly known: false }
  | (Standing & {
      readonly known: true
      readonly principalId: string
      readonly registeredAs: Standing
      readonly identity?: { readonly issuer: string; readonly subject: string } | undefined
      readonly keys: readonly ApiKey[]
      /** of an analyst: the territories whose dealers it reads; absent: the whole channel */
      readonly territories?: readonly string[] | undefined
      readonly databaseLogin?: DatabaseLogin | undefined
      readonly disabled: boolean
    })

export function evolve(state: PrincipalState, event: Happened<PrincipalEvent>): PrincipalState {
  if (event.type === 'PrincipalRegistered') {
    const { principalId, identity } = event.data
    const standing = standingOf(event.data)
    return {
      known: true,
      principalId,
      ...standing,
      registeredAs: standing,
      ...(identity && { identity }),
      keys: [],
      disabled: false,
    }
  }
  if (!state.known) return state
  switch (event.type) {
    case 'RoleChanged': {
      const { dealerId: _left, ...rest } = state
      return { ...rest, ...standingOf(event.data) }
    }
    case 'RightsChanged':
      return { ...state, rights: event.data.rights }
    case 'ApiKeyIssued': {
      const { keyId, hash, expiresAt } = event.data
      return {
        ...state,
        keys: [...state.keys, { keyId, hash, ...(expiresAt !== undefined && { expiresAt }), revoked: false }],
      }
    }
    case 'ApiKeyRevoked': {
      const { keyId } = event.data
      return { ...state, keys: state.keys.map((key) => (key.keyId === keyId ? { ...key, revoked: true } : key)) }
    }
    case 'ReadingScopeSet':
      return { ...state, territories: event.data.territories }
    case 'DatabaseLoginIssued': {
      const { login, verifier, expiresAt } = event.data
      return { ...state, databaseLogin: { login, verifier, expiresAt } }
    }
    case 'DatabaseLoginRevoked':
      return { ...state, databaseLogin: undefined }
    case 'PrincipalDisabled':
      return { ...state, disabled: true }
    default:
      return event satisfies never
  }
}

/** The keys that open the door at a business time: none of a disabled principal. */
export function validKeys(state: PrincipalState, at: string): readonly ApiKey[] {
  if (!state.known || state.disabled) return []
  return state.keys.filter(
    ({ revoked, expiresAt }) => !revoked && (expiresAt === undefined || instantOf(at) < instantOf(expiresAt)),
  )
}

export function standingOf(from: {
  role: Role
  dealerId?: string | undefined
  rights?: readonly Right[] | undefined
}): Standing {
  const { role, dealerId, rights = [] } = from
  return { role, ...(dealerId !== undefined && { dealerId }), rights: [...new Set(rights)].toSorted() }
}
