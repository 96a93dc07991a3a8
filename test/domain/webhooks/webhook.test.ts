import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { registerWebhook, type WebhookCommand } from '../../../src/domain/webhooks/commands.ts'
import type { WebhookEvent } from '../../../src/domain/webhooks/events.ts'
import { webhookAggregate } from '../../../src/domain/webhooks/webhook.ts'
import { given, sameCommandTwice } from '../../support/decider.ts'

const shape = {
  webhookId: 'w1',
  url: 'https://erp.example.com/hook',
  eventTypes: ['OrderPlaced'],
  secretId: 's1',
  dealerId: 'd1',
}
const register = { type: 'RegisterWebhook', ...shape } as const
const registered: WebhookEvent = { type: 'WebhookRegistered', data: { ...shape, owner: 'u1' } }
const disabled: WebhookEvent = { type: 'WebhookDisabled', data: { webhookId: 'w1', reason: 'failing' } }
const removed: WebhookEvent = { type: 'WebhookRemoved', data: { webhookId: 'w1' } }
const rotate = (secretId: string): WebhookCommand => ({ type: 'RotateWebhookSecret', webhookId: 'w1', secretId })
const by = { by: 'u1' }

describe('a webhook', () => {
  it('belongs to who registers it, and to that dealer', () => {
    given(webhookAggregate).when(register, by).then([registered])
    given(webhookAggregate, [registered]).when(register, { by: 'u2' }).thenRefused('object.exists')
    expect(webhookAggregate.owner?.(given(webhookAggregate, [registered]).state(), register)).toBe('d1')
  })

  it.each([
    'ftp://example.com',
    'https://user:secret@example.com/',
    'https://example.com/#x',
    'example.com',
    'javascript:alert(1)',
  ])('does not call %s', (url) => {
    expect(registerWebhook.schema.safeParse({ ...shape, url }).success).toBe(false)
    expect(registerWebhook.schema.safeParse(shape).success).toBe(true)
  })

  it('changes its secret for one that was never used; only its id stands in the log', () => {
    const rotated: WebhookEvent = { type: 'WebhookSecretRotated', data: { webhookId: 'w1', secretId: 's2' } }
    given(webhookAggregate, [registered]).when(rotate('s2'), by).then([rotated])
    given(webhookAggregate, [registered, rotated]).when(rotate('s1'), by).thenRefused('webhooks.secret_reused')
    given(webhookAggregate, [registered, rotated]).when(register, by).thenNothing()
  })

  it('is disabled and enabled', () => {
    given(webhookAggregate, [registered])
      .when({ type: 'DisableWebhook', webhookId: 'w1', reason: 'failing' }, by)
      .then([disabled])
    given(webhookAggregate, [registered, disabled])
      .when({ type: 'EnableWebhook', webhookId: 'w1' }, by)
      .then([{ type: 'WebhookEnabled', data: { webhookId: 'w1' } }])
  })

  it('is gone once it is removed', () => {
    given(webhookAggregate, [registered]).when({ type: 'RemoveWebhook', webhookId: 'w1' }, by).then([removed])
    const { when } = given(webhookAggregate, [registered, removed])
    when({ type: 'EnableWebhook', webhookId: 'w1' }, by).thenRefused('webhooks.unknown')
    when(rotate('s3'), by).thenRefused('webhooks.unknown')
    when(register, by).thenRefused('object.exists')
  })

  it('says the same thing once, whatever its history', () => {
    const command: fc.Arbitrary<WebhookCommand> = fc.oneof(
      fc.constant(register),
      fc.constantFrom('s1', 's2', 's3').map(rotate),
      fc.constantFrom<WebhookCommand>(
        { type: 'DisableWebhook', webhookId: 'w1', reason: 'failing' },
        { type: 'EnableWebhook', webhookId: 'w1' },
        { type: 'RemoveWebhook', webhookId: 'w1' },
      ),
    )
    sameCommandTwice(webhookAggregate, command, { circumstances: () => by })
  })
})
