import { createHash } from 'node:crypto'
import type { PrincipalCommand } from '../../../src/domain/access/commands.ts'
import { principalAggregate } from '../../../src/domain/access/decide.ts'
import { businessTime } from '../../../src/domain/kernel/businessTime.ts'
import type { CommandMeta } from '../../../src/ledger/commands.ts'
import { openLedger } from '../../../src/runtime/ledger.ts'
import { readSettings } from '../../../src/runtime/settings.ts'
import type { System } from '../../support/system.ts'
import { channel, writers, type Writer } from './traffic.ts'

export type Person = 'admin' | Writer

/** People by the command handler, because nobody can sign in before them; everything else through the API. Gives the API keys. */
export async function setUpChannel(
  system: System,
  modelsAtRest: () => Promise<void>,
): Promise<Readonly<Record<Person, string>>> {
  const keys = Object.fromEntries(
    (['admin', ...writers] as const).map(
      (person) => [person, `key-${person}.${'secret'.repeat(4)}-${person}`] as const,
    ),
  ) as Record<Person, string>
  await registerPeople(system, keys)
  await modelsAtRest()

  const { company, dealers, skus, opening, creditLimit } = channel
  const at = '2026-01-01T00:00:00.000Z[UTC]'
  await give('POST', '/v1/price-lists', {
    companyId: company,
    listId: 'BASE',
    name: { en: 'Base' },
    level: 'base',
    scope: {},
    currency: 'USD',
    priority: 1,
    effectiveFrom: at,
  })
  for (const [n, sku] of skus.entries()) {
    await give('POST', '/v1/products', {
      sku,
      companyId: company,
      name: { en: sku },
      category: 'Bikes',
      unit: 'EA',
      attributes: {},
      pictures: [],
      lotTracked: false,
      effectiveAt: at,
    })
    await give('PUT', `/v1/price-lists/BASE/prices/${sku}`, {
      companyId: company,
      unit: 'EA',
      currency: 'USD',
      newPrice: `${10 + n}.25`,
      effectiveAt: at,
      retroactive: true,
      reason: 'new',
    })
    await give('POST', `/v1/stock/${company}/MAIN/${sku}/openings`, { quantity: opening })
    const levels = { safetyStock: '20', reorderPoint: '60' }
    await give('PUT', `/v1/stock/${company}/MAIN/${sku}/replenishment-policy`, { levels })
  }
  for (const dealerId of dealers) {
    await give('POST', '/v1/dealers', {
      dealerId,
      companyId: company,
      legalName: { en: dealerId },
      kind: 'warehouse',
      country: 'US',
      region: 'US/Washington',
      zone: 'UTC',
      currencies: ['USD'],
      tierLevel: 1,
      effectiveAt: at,
    })
    await give('PUT', `/v1/accounts/${dealerId}/limits/${dealerId}`, { amount: creditLimit, currency: 'USD' })
  }
  return keys

  async function give(method: string, path: string, body: object): Promise<void> {
    const answer = await fetch(`${system.url}${path}`, {
      method,
      headers: {
        authorization: `ApiKey ${keys.admin}`,
        'content-type': 'application/json',
        'idempotency-key': `set-up/${method}${path}/${JSON.stringify(body).length}/${hash(JSON.stringify(body)).slice(0, 16)}`,
        // a price that does not exist yet has nothing to have seen
        ...(path.includes('/prices/') && { 'if-none-match': '*' }),
      },
      body: JSON.stringify(body),
    })
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  }
}

async function registerPeople(system: System, keys: Readonly<Record<Person, string>>): Promise<void> {
  const settings = readSettings(system.environment)
  const ledger = await openLedger({ settings, roles: [], warn: () => undefined })
  try {
    const meta: CommandMeta = {
      at: businessTime(Date.now(), 'UTC'),
      actor: 'set-up',
      source: { kind: 'command' },
      correlationId: 'set-up',
    }
    for (const [person, key] of Object.entries(keys)) {
      const [keyId = '', secret = ''] = key.split('.')
      const role = person as Person // the people are named after their roles
      const commands: PrincipalCommand[] = [
        { type: 'RegisterPrincipal', principalId: person, role, displayName: person },
        { type: 'IssueApiKey', principalId: person, keyId, hash: hash(secret), label: 'kill loop' },
      ]
      for (const command of commands) {
        const outcome = await ledger.handler.execute(principalAggregate, command, meta)
        if (!outcome.ok) throw new Error(`${command.type} of ${person}: ${outcome.refusal.refused}`)
      }
    }
  } finally {
    await ledger.close()
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
