import { z } from 'zod'
import { defineCommand, type CommandOf } from '../kernel/decider.ts'
import { businessTime, code, identifier, label, plainText } from '../kernel/fields.ts'
import { databaseLogin, identity, keyHash, scramVerifier, territories } from './events.ts'
import { standing, standingFits } from './role.ts'

const principalId = ({ principalId }: { principalId: string }): string => principalId
const standingOf = { ...standing.shape, rights: standing.shape.rights.optional() }
const fits = { message: "a dealer's staff name their dealer; nobody else has a dealer or rights", path: ['role'] }

export const registerPrincipal = defineCommand(
  'RegisterPrincipal',
  z
    .strictObject({ principalId: identifier, ...standingOf, displayName: plainText, identity: identity.optional() })
    .refine(standingFits, fits),
  principalId,
)
export const changeRole = defineCommand(
  'ChangeRole',
  z.strictObject({ principalId: identifier, ...standingOf }).refine(standingFits, fits),
  principalId,
)
export const changeRights = defineCommand(
  'ChangeRights',
  z.strictObject({ principalId: identifier, rights: standing.shape.rights }),
  principalId,
)
export const issueApiKey = defineCommand(
  'IssueApiKey',
  z.strictObject({
    principalId: identifier,
    keyId: identifier,
    hash: keyHash,
    label,
    expiresAt: businessTime.optional(),
  }),
  principalId,
)
export const revokeApiKey = defineCommand(
  'RevokeApiKey',
  z.strictObject({ principalId: identifier, keyId: identifier, reason: code }),
  principalId,
)
export const setReadingScope = defineCommand(
  'SetReadingScope',
  z.strictObject({ principalId: identifier, territories: territories.optional() }),
  principalId,
)
export const issueDatabaseLogin = defineCommand(
  'IssueDatabaseLogin',
  z.strictObject({
    principalId: identifier,
    login: databaseLogin,
    verifier: scramVerifier,
    expiresAt: businessTime,
  }),
  principalId,
)
export const revokeDatabaseLogin = defineCommand(
  'RevokeDatabaseLogin',
  z.strictObject({ principalId: identifier, reason: code }),
  principalId,
)
export const disablePrincipal = defineCommand(
  'DisablePrincipal',
  z.strictObject({ principalId: identifier, reason: code }),
  principalId,
)

export const principalCommands = [
  registerPrincipal,
  changeRole,
  changeRights,
  issueApiKey,
  revokeApiKey,
  setReadingScope,
  issueDatabaseLogin,
  revokeDatabaseLogin,
  disablePrincipal,
] as const
export type PrincipalCommand = CommandOf<(typeof principalCommands)[number]>
