import { dealerAggregate } from '../dealers/decide.ts'
import { territoryAggregate } from '../dealers/territory.ts'
import { byText } from '../kernel/byText.ts'
import { instantOf } from '../kernel/businessTime.ts'
import { refuse, type Aggregate, type Circumstances, type Decision, type Load } from '../kernel/decider.ts'
import { sameData } from '../kernel/sameData.ts'
import { principalCommands, type PrincipalCommand } from './commands.ts'
import { principalEvents, type PrincipalEvent } from './events.ts'
import { standingFits } from './role.ts'
import { evolve, standingOf, validKeys, type PrincipalState } from './state.ts'

/** What the command names of other streams. */
export interface PrincipalGiven {
  /** true where it names no dealer */
  readonly dealerKnown: boolean
  /** the first territory that does not exist */
  readonly unknownTerritory?: string | undefined
}

/** Keys valid at the same time: enough to rotate, few enough to know them. */
export const keyLimit = 10

/** A person or a machine: its role, its rights, its API keys. */
export const principalAggregate: Aggregate<PrincipalCommand, PrincipalEvent, PrincipalState, PrincipalGiven> = {
  category: 'principal',
  stateVersion: 2,
  initialState: { known: false },
  evolve,
  decide,
  gather,
  owner: (state, command) => (state.known ? state.dealerId : 'dealerId' in command ? command.dealerId : undefined),
  events: principalEvents,
  commands: principalCommands,
}

async function gather(command: PrincipalCommand, load: Load): Promise<PrincipalGiven> {
  if (command.type === 'SetReadingScope') {
    for (const territoryId of command.territories ?? [])
      if (!(await load(territoryAggregate, territoryId)).known)
        return { dealerKnown: true, unknownTerritory: territoryId }
    return { dealerKnown: true }
  }
  if (!('dealerId' in command) || command.dealerId === undefined) return { dealerKnown: true }
  return { dealerKnown: (await load(dealerAggregate, command.dealerId)).known }
}

function decide(
  command: PrincipalCommand,
  state: PrincipalState,
  { at, given }: Circumstances<PrincipalGiven>,
): Decision<PrincipalEvent> {
  const { principalId } = command
  if (command.type === 'RegisterPrincipal') {
    const { displayName, identity } = command
    const standing = standingOf(command)
    if (state.known) {
      // the display name is sealed in the log: a repeat is told by everything else
      const registered = { ...state.registeredAs, identity: state.identity }
      return sameData(registered, { ...standing, identity }) ? [] : refuse('object.exists', { principalId })
    }
    if (!given.dealerKnown) return refuse('dealers.unknown', { dealerId: standing.dealerId })
    return [
      { type: 'PrincipalRegistered', data: { principalId, ...standing, displayName, ...(identity && { identity }) } },
    ]
  }
  if (!state.known) return refuse('access.unknown_principal', { principalId })
  if (command.type === 'DisablePrincipal')
    return state.disabled ? [] : [{ type: 'PrincipalDisabled', data: { principalId, reason: command.reason } }]
  if (command.type === 'RevokeApiKey') {
    const { keyId, reason } = command
    const key = state.keys.find((one) => one.keyId === keyId)
    if (!key) return refuse('object.not_found', { principalId, keyId })
    return key.revoked ? [] : [{ type: 'ApiKeyRevoked', data: { principalId, keyId, reason } }]
  }
  if (command.type === 'RevokeDatabaseLogin') {
    const { databaseLogin } = state
    if (!databaseLogin) return []
    return [{ type: 'DatabaseLoginRevoked', data: { principalId, login: databaseLogin.login, reason: command.reason } }]
  }
  if (state.disabled) return refuse('access.disabled', { principalId })
  switch (command.type) {
    case 'ChangeRole': {
      const standing = standingOf(command)
      if (sameData(standing, standingOf(state))) return []
      if (!given.dealerKnown) return refuse('dealers.unknown', { dealerId: standing.dealerId })
      return [{ type: 'RoleChanged', data: { principalId, ...standing } }]
    }
    case 'ChangeRights': {
      const standing = standingOf({ ...state, rights: command.rights })
      const { rights } = standing
      if (sameData(rights, state.rights)) return []
      if (!standingFits(standing)) return refuse('access.not_staff', { principalId })
      return [{ type: 'RightsChanged', data: { principalId, rights } }]
    }
    case 'IssueApiKey': {
      const { keyId, hash, label, expiresAt } = command
      const known = state.keys.find((key) => key.keyId === keyId)
      if (known) return known.hash === hash ? [] : refuse('object.exists', { principalId, keyId })
      if (expiresAt !== undefined && instantOf(expiresAt) <= instantOf(at))
        return refuse('access.key_expired', { keyId, expiresAt })
      if (validKeys(state, at).length >= keyLimit)
        return refuse('access.too_many_keys', { principalId, limit: keyLimit })
      return [
        {
          type: 'ApiKeyIssued',
          data: { principalId, keyId, hash, label, ...(expiresAt !== undefined && { expiresAt }) },
        },
      ]
    }
    case 'SetReadingScope': {
      const { territories: named } = command
      if (state.role !== 'analyst') return refuse('access.not_analyst', { principalId, role: state.role })
      if (given.unknownTerritory !== undefined)
        return refuse('dealers.territory_unknown', { territoryId: given.unknownTerritory })
      const territories = named && [...new Set(named)].toSorted(byText)
      if (sameData({ territories }, { territories: state.territories })) return []
      return [{ type: 'ReadingScopeSet', data: { principalId, ...(territories && { territories }) } }]
    }
    case 'IssueDatabaseLogin': {
      const { login, verifier, expiresAt } = command
      if (state.role !== 'analyst') return refuse('access.not_analyst', { principalId, role: state.role })
      if (instantOf(expiresAt) <= instantOf(at)) return refuse('access.key_expired', { expiresAt })
      if (sameData({ login, verifier, expiresAt }, state.databaseLogin)) return []
      return [{ type: 'DatabaseLoginIssued', data: { principalId, login, verifier, expiresAt } }]
    }
    default:
      return command satisfies never
  }
}
