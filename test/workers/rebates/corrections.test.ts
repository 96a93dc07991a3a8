import { describe, expect, it } from 'vitest'
import { accountAggregate } from '../../../src/domain/credit/account.ts'
import { businessTime } from '../../../src/domain/kernel/businessTime.ts'
import { programmeAggregate } from '../../../src/domain/rebates/programme.ts'
import { settlementAggregate } from '../../../src/domain/rebates/settlement.ts'
import type { SettlementState } from '../../../src/domain/rebates/settlementState.ts'
import type { Method } from '../../../src/domain/rebates/terms.ts'
import { termsWith } from '../../domain/rebates/facts.ts'
import { seededRandom } from '../../support/seededRandom.ts'
import { brokenInvariants } from '../../support/invariants.ts'
import { openWorkChannel, type WorkChannel } from '../../support/workChannel.ts'

const day = 86_400_000
const start = Date.parse('2026-01-05T09:00:00Z')
const methods: readonly Method[] = [
  {
    kind: 'marginal',
    tiers: [
      { from: '0', to: '900', rate: '0.02' },
      { from: '900', rate: '0.05' },
    ],
  },
  {
    kind: 'all-units',
    tiers: [
      { from: '0', to: '900', rate: '0.02' },
      { from: '900', rate: '0.05' },
    ],
  },
  { kind: 'growth', on: 'growth', withoutBaseline: 'all', tiers: [{ from: '0', rate: '0.04' }] },
]

interface Sale {
  readonly id: string
  readonly value: string
  /** ms since 1970 */
  readonly at: number
  /** what was recorded first, by mistake, and on which day of the run it is found */
  readonly wrong?: { readonly value: string; readonly foundOn: number }
}

/** Sales of January; some are recorded wrongly first, and found out before or after the month is settled. */
function salesOf(seed: number): readonly Sale[] {
  const random = seededRandom(seed)
  const value = (): string => (Math.floor(random() * 40_000) / 100 + 1).toFixed(2).replace(/\.?0+$/, '')
  return Array.from({ length: 8 }, (_, n) => {
    const at = start + n * 3 * day
    const isWrong = random() < 0.5
    const wrong = { value: value(), foundOn: Math.ceil((at - start) / day) + 1 + Math.floor(random() * 50) }
    return { id: `I${n}`, value: value(), at, ...(isWrong && { wrong }) }
  })
}

async function issue(channel: WorkChannel, invoiceId: string, value: string, at: number) {
  const line = { lineNo: 1, sku: 'BIKE', quantity: '1', unit: 'EA', unitPrice: value, lineValue: value }
  const document = { accountId: 'D1', companyId: 'ACME', dealerId: 'D1', currency: 'USD', invoiceId } as const
  const due = { dueOn: '2026-06-01', zone: 'UTC', rounding: 'half-up', kind: 'invoice' } as const
  const when = { at: businessTime(at, 'UTC'), recorded: true }
  const [...events] = await channel.run(
    accountAggregate,
    { type: 'IssueInvoice', ...document, ...due, lines: [line] },
    when,
  )
  return events.find(({ type }) => type === 'InvoiceIssued')?.id ?? ''
}

/** Lives through January and on to the end of March, day by day. */
async function live(method: Method, sales: readonly Sale[]): Promise<SettlementState> {
  const channel = await openWorkChannel()
  const programmeId = 'GROWTH'
  const terms = termsWith(method, {
    payer: 'ACME',
    basis: 'invoiced',
    calendarId: 'FISCAL',
    grain: 'month',
    graceDays: 3,
  })
  const inForce = { ...terms, effectiveFrom: '2026-01-01T00:00:00.000Z[UTC]' }
  await channel.run(programmeAggregate, { type: 'DraftProgramme', programmeId, companyId: 'ACME', terms: inForce })
  await channel.run(programmeAggregate, { type: 'ActivateProgramme', programmeId, version: 1 })
  const wrongIds = new Map<string, string>()
  for (let passed = 1; passed <= 85; passed += 1) {
    channel.pass(day)
    const now = start + passed * day
    for (const { id, value, at, wrong } of sales) {
      if (at > now - day && at <= now) wrongIds.set(id, await issue(channel, id, wrong?.value ?? value, at))
      if (wrong?.foundOn !== passed) continue
      const declared = { eventId: wrongIds.get(id) ?? '', reason: 'incorrect_data' } as const
      const meta = {
        at: channel.at(),
        actor: 'clerk',
        correlationId: 'correction',
        source: { kind: 'command' },
      } as const
      const outcome = await channel.handler().declareError(accountAggregate, 'D1', declared, meta)
      if (!outcome.ok) throw new Error(outcome.refusal.refused)
      await issue(channel, `${id}-right`, value, at)
    }
    await channel.work()
  }
  expect(brokenInvariants(await channel.events())).toEqual([])
  expect(await channel.progress.deadTasks(10)).toEqual([])
  return channel.handler().load(settlementAggregate, `${programmeId}/D1/USD/2026-01`)
}

const kinds = new Set<string>()
describe('an error that is declared, and what is right instead', () => {
  it.each([1, 2, 3].flatMap((seed) => methods.map((method) => [method.kind, seed, method] as const)))(
    'give by %s (seed %i) what would have been paid had nobody erred',
    async (_kind, seed, method) => {
      const sales = salesOf(seed)
      expect(sales.some(({ wrong }) => wrong !== undefined)).toBe(true)
      const corrected = await live(method, sales)
      const never = await live(
        method,
        sales.map(({ wrong: _wrong, ...sale }) => sale),
      )
      for (const { kind } of corrected.settlements) kinds.add(kind)
      const paid = ({ settled, clawedBack }: SettlementState): bigint => BigInt(settled) - BigInt(clawedBack)
      expect(paid(corrected)).toBe(paid(never))
      expect(paid(never)).toBeGreaterThan(0n)
      expect(corrected.settlements.findLast(({ status }) => status === 'approved')?.earned).toBe(
        never.settlements.findLast(({ status }) => status === 'approved')?.earned,
      )
    },
  )

  it('were found both before the month was settled and after it', () => {
    expect([...kinds].toSorted()).toEqual(['adjustment', 'final'])
  })
})
