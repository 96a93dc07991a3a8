import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { registerPrincipal, type PrincipalCommand } from '../../../src/domain/access/commands.ts'
import { keyLimit, principalAggregate, type PrincipalGiven } from '../../../src/domain/access/decide.ts'
import type { PrincipalEvent } from '../../../src/domain/access/events.ts'
import { validKeys } from '../../../src/domain/access/state.ts'
import { eventId, given, sameCommandTwice } from '../../support/decider.ts'

const day = (date: string): string => `${date}T00:00:00.000Z[UTC]`
const known: { given: PrincipalGiven; at: string } = { given: { dealerKnown: true }, at: day('2026-01-01') }
const hash = (n: number): string => n.toString(16).padStart(64, '0')

const staff: PrincipalEvent = {
  type: 'PrincipalRegistered',
  data: { principalId: 'u1', role: 'dealer', dealerId: 'd1', rights: ['orders'], displayName: '李雷' },
}
const analyst: PrincipalEvent = {
  type: 'PrincipalRegistered',
  data: { principalId: 'u1', role: 'analyst', rights: [], displayName: 'Ann' },
}
const disabled: PrincipalEvent = { type: 'PrincipalDisabled', data: { principalId: 'u1', reason: 'left' } }
const key = (n: number, more: object = {}): PrincipalEvent => ({
  type: 'ApiKeyIssued',
  data: { principalId: 'u1', keyId: `k${n}`, hash: hash(n), label: 'ERP', ...more },
})
const issue = (n: number, more: object = {}): PrincipalCommand => ({
  type: 'IssueApiKey',
  principalId: 'u1',
  keyId: `k${n}`,
  hash: hash(n),
  label: 'ERP',
  ...more,
})
const register: PrincipalCommand = {
  type: 'RegisterPrincipal',
  principalId: 'u1',
  role: 'dealer',
  dealerId: 'd1',
  rights: ['orders'],
  displayName: '李雷',
}

describe('a principal', () => {
  it('is registered once, and known again without its name, which is sealed', () => {
    given(principalAggregate).when(register, known).then([staff])
    const displayName = {
      sealed: 1 as const,
      subject: 'u1',
      event: eventId(0),
      path: 'displayName',
      iv: 'AAAAAAAAAAAAAAAA',
      text: 'AAAA',
    }
    const sealed: PrincipalEvent = {
      type: 'PrincipalRegistered',
      data: { principalId: 'u1', role: 'dealer', dealerId: 'd1', rights: ['orders'], displayName },
    }
    given(principalAggregate, [sealed]).when(register, known).thenNothing()
    given(principalAggregate, [sealed])
      .when({ ...register, rights: ['stock'] }, known)
      .thenRefused('object.exists')
  })

  it('of a dealer names a dealer that exists; nobody else names one', () => {
    given(principalAggregate)
      .when(register, { given: { dealerKnown: false } })
      .thenRefused('dealers.unknown')
    const fits = (more: object): boolean =>
      registerPrincipal.schema.safeParse({ principalId: 'u1', displayName: 'Ann', ...more }).success
    expect([fits({ role: 'analyst' }), fits({ role: 'dealer', dealerId: 'd1' })]).toEqual([true, true])
    expect([
      fits({ role: 'dealer' }),
      fits({ role: 'analyst', dealerId: 'd1' }),
      fits({ role: 'sales', rights: ['orders'] }),
      fits({ role: 'root' }),
    ]).toEqual([false, false, false, false])
  })

  it('belongs to its dealer, so that another dealer does not see it', () => {
    const state = given(principalAggregate, [staff]).state()
    expect(principalAggregate.owner?.(state, register)).toBe('d1')
    expect(principalAggregate.owner?.(principalAggregate.initialState, register)).toBe('d1')
    expect(principalAggregate.owner?.(given(principalAggregate, [analyst]).state(), register)).toBeUndefined()
  })

  it('changes role, and loses its dealer with it', () => {
    given(principalAggregate, [staff])
      .when({ type: 'ChangeRole', principalId: 'u1', role: 'auditor' }, known)
      .then([{ type: 'RoleChanged', data: { principalId: 'u1', role: 'auditor', rights: [] } }])
    expect(
      given(principalAggregate, [
        staff,
        { type: 'RoleChanged', data: { principalId: 'u1', role: 'auditor', rights: [] } },
      ]).state(),
    ).not.toHaveProperty('dealerId')
  })

  it('has rights only as a dealer’s staff', () => {
    given(principalAggregate, [staff])
      .when({ type: 'ChangeRights', principalId: 'u1', rights: ['stock', 'finance', 'stock'] }, known)
      .then([{ type: 'RightsChanged', data: { principalId: 'u1', rights: ['finance', 'stock'] } }])
    given(principalAggregate, [analyst])
      .when({ type: 'ChangeRights', principalId: 'u1', rights: ['stock'] }, known)
      .thenRefused('access.not_staff')
  })

  it('gets API keys, a bounded number that is valid at a time', () => {
    given(principalAggregate, [staff])
      .when(issue(1), known)
      .then([key(1)])
    given(principalAggregate, [staff, key(1)])
      .when(issue(1, { hash: hash(2) }), known)
      .thenRefused('object.exists')
    given(principalAggregate, [staff])
      .when(issue(1, { expiresAt: day('2026-01-01') }), known)
      .thenRefused('access.key_expired')
    const many = Array.from({ length: keyLimit }, (_, n) => key(n, n === 0 ? { expiresAt: day('2026-06-01') } : {}))
    given(principalAggregate, [staff, ...many])
      .when(issue(99), known)
      .thenRefused('access.too_many_keys')
    given(principalAggregate, [staff, ...many])
      .when(issue(99), { ...known, at: day('2026-06-01') })
      .then([key(99)])
  })

  it('keeps the hash of a key only while it is good for something', () => {
    const revoked: PrincipalEvent = {
      type: 'ApiKeyRevoked',
      data: { principalId: 'u1', keyId: 'k1', reason: 'leaked' },
    }
    given(principalAggregate, [staff, key(1)])
      .when({ type: 'RevokeApiKey', principalId: 'u1', keyId: 'k1', reason: 'leaked' }, known)
      .then([revoked])
    given(principalAggregate, [staff])
      .when({ type: 'RevokeApiKey', principalId: 'u1', keyId: 'k1', reason: 'leaked' }, known)
      .thenRefused('object.not_found')
    const keys = (...events: PrincipalEvent[]): number =>
      validKeys(given(principalAggregate, [staff, ...events]).state(), day('2026-01-01')).length
    expect([
      keys(key(1)),
      keys(key(1), revoked),
      keys(key(1), disabled),
      keys(key(1, { expiresAt: day('2026-01-01') })),
    ]).toEqual([1, 0, 0, 0])
  })

  it('that is disabled gets nothing new, but a key can still be revoked', () => {
    given(principalAggregate, [staff, key(1)])
      .when({ type: 'DisablePrincipal', principalId: 'u1', reason: 'left' }, known)
      .then([disabled])
    const { when } = given(principalAggregate, [staff, key(1), disabled])
    when(issue(2), known).thenRefused('access.disabled')
    when({ type: 'ChangeRights', principalId: 'u1', rights: [] }, known).thenRefused('access.disabled')
    expect(
      when({ type: 'RevokeApiKey', principalId: 'u1', keyId: 'k1', reason: 'leaked' }, known).events(),
    ).toHaveLength(1)
    given(principalAggregate).when(issue(1), known).thenRefused('access.unknown_principal')
  })

  describe('that is an analyst', () => {
    const verifier = `SCRAM-SHA-256$4096:${'A'.repeat(22)}==$${'B'.repeat(43)}=:${'C'.repeat(43)}=`
    const login = { login: 'analyst_00000000000a', verifier, expiresAt: day('2027-01-01') }
    const issueLogin: PrincipalCommand = { type: 'IssueDatabaseLogin', principalId: 'u1', ...login }
    const issued: PrincipalEvent = { type: 'DatabaseLoginIssued', data: { principalId: 'u1', ...login } }
    const revoke: PrincipalCommand = { type: 'RevokeDatabaseLogin', principalId: 'u1', reason: 'left' }

    it('is bound to territories that exist, each named once, and set free again', () => {
      const bind = (...territories: string[]): PrincipalCommand => ({
        type: 'SetReadingScope',
        principalId: 'u1',
        territories,
      })
      const bound: PrincipalEvent = { type: 'ReadingScopeSet', data: { principalId: 'u1', territories: ['A', 'B'] } }
      given(principalAggregate, [analyst])
        .when(bind('B', 'A', 'B'), known)
        .then([bound])
      given(principalAggregate, [analyst, bound]).when(bind('A', 'B'), known).then([])
      given(principalAggregate, [analyst, bound])
        .when({ type: 'SetReadingScope', principalId: 'u1' }, known)
        .then([{ type: 'ReadingScopeSet', data: { principalId: 'u1' } }])
      given(principalAggregate, [analyst])
        .when(bind('X'), { ...known, given: { dealerKnown: true, unknownTerritory: 'X' } })
        .thenRefused('dealers.territory_unknown')
      given(principalAggregate, [staff]).when(bind('A'), known).thenRefused('access.not_analyst')
    })

    it('gets a login of the database with an end, a new password in place of the old one, and loses it', () => {
      given(principalAggregate, [analyst]).when(issueLogin, known).then([issued])
      given(principalAggregate, [analyst, issued]).when(issueLogin, known).then([])
      const renewed = { ...login, verifier: verifier.replaceAll('B', 'D') }
      given(principalAggregate, [analyst, issued])
        .when({ ...issueLogin, ...renewed }, known)
        .then([{ type: 'DatabaseLoginIssued', data: { principalId: 'u1', ...renewed } }])
      given(principalAggregate, [analyst])
        .when(issueLogin, { ...known, at: day('2027-01-01') })
        .thenRefused('access.key_expired')
      given(principalAggregate, [staff]).when(issueLogin, known).thenRefused('access.not_analyst')
      given(principalAggregate, [analyst, disabled]).when(issueLogin, known).thenRefused('access.disabled')
      given(principalAggregate, [analyst, issued, disabled])
        .when(revoke, known)
        .then([
          { type: 'DatabaseLoginRevoked', data: { principalId: 'u1', login: 'analyst_00000000000a', reason: 'left' } },
        ])
      given(principalAggregate, [analyst]).when(revoke, known).then([])
    })
  })

  it('says the same thing once, whatever its history', () => {
    const command: fc.Arbitrary<PrincipalCommand> = fc.oneof(
      fc.constant(register),
      fc.constantFrom<PrincipalCommand>(
        { type: 'ChangeRole', principalId: 'u1', role: 'sales' },
        { type: 'ChangeRole', principalId: 'u1', role: 'dealer', dealerId: 'd2', rights: ['staff'] },
      ),
      fc
        .array(fc.constantFrom('orders' as const, 'stock' as const, 'finance' as const), { maxLength: 4 })
        .map((rights): PrincipalCommand => ({ type: 'ChangeRights', principalId: 'u1', rights })),
      fc.integer({ min: 1, max: 3 }).map((n) => issue(n)),
      fc
        .integer({ min: 1, max: 3 })
        .map((n): PrincipalCommand => ({ type: 'RevokeApiKey', principalId: 'u1', keyId: `k${n}`, reason: 'old' })),
      fc.constant<PrincipalCommand>({ type: 'DisablePrincipal', principalId: 'u1', reason: 'left' }),
    )
    sameCommandTwice(principalAggregate, command, { circumstances: () => known })
  })
})
