import { settlementAggregate } from '../../domain/rebates/settlement.ts'
import type { SettlementState } from '../../domain/rebates/settlementState.ts'
import { admin, finance } from './names.ts'
import type { Actor, World } from './world.ts'

/** A dealer-period in a programme. */
export interface Settling {
  readonly programmeId: string
  readonly dealerId: string
  readonly currency: string
  readonly periodId: string
}

export async function settlementFor(world: World, key: Settling): Promise<SettlementState> {
  const { programmeId, dealerId, currency, periodId } = key
  return world.handler.load(settlementAggregate, `${programmeId}/${dealerId}/${currency}/${periodId}`)
}

/**
 * What two think differently about settlement `no`, by turns: the dealer wants more and gets half; the manufacturer holds a part back and
 * lets it go; the dealer takes back what it said.
 */
export async function dispute(world: World, key: Settling, no: number, turn: number): Promise<(() => Promise<void>)[]> {
  const by: Actor = { id: `staff-of-${key.dealerId}`, zone: 'Asia/Shanghai' }
  const disputeId = `D-${key.dealerId}-${key.periodId}`
  const open = { type: 'OpenDispute' as const, ...key, settlementNo: no, disputeId, evidence: [] }
  const dealer = { side: 'dealer', node: 'due/earned' } as const
  switch (turn % 4) {
    case 0: {
      const reason = 'Two orders of the last week are missing'
      await world.run(settlementAggregate, { ...open, ...dealer, difference: '4000', reason }, by)
      const answer = 'One of them belongs to the quarter'
      return [
        async () => {
          const answered = { type: 'AnswerDispute', ...key, disputeId, side: 'manufacturer', answer } as const
          await world.run(settlementAggregate, answered, finance)
        },
        async () => {
          await world.run(settlementAggregate, { type: 'UpholdDispute', ...key, disputeId, awarded: '2000' }, admin)
        },
      ]
    }
    case 1: {
      const held = { side: 'manufacturer', node: 'due', difference: '-1500' } as const
      await world.run(settlementAggregate, { ...open, ...held, reason: 'A delivery is not proven yet' }, finance)
      const reason = 'The proof has come'
      return [
        async () => {
          await world.run(settlementAggregate, { type: 'RejectDispute', ...key, disputeId, reason }, admin)
        },
      ]
    }
    case 2: {
      const reason = 'The baseline seems too high'
      await world.run(settlementAggregate, { ...open, ...dealer, difference: '9000', reason }, by)
      return [
        async () => {
          await world.run(settlementAggregate, { type: 'WithdrawDispute', ...key, disputeId, side: 'dealer' }, by)
        },
      ]
    }
    default:
      return []
  }
}

/** Finance transfers what is paid as money. */
export async function payOut(world: World, key: Settling): Promise<void> {
  for (const { kind, settlementNo, disputeId, document } of (await settlementFor(world, key)).prior) {
    if (kind !== 'settled' || document !== undefined) continue
    const reference = `BANK-${key.dealerId}-${key.periodId}-${disputeId ?? settlementNo}`
    const of = { ...key, settlementNo, reference, ...(disputeId !== undefined && { disputeId }) }
    await world.run(settlementAggregate, { type: 'RecordSettlementPayment', ...of }, finance)
  }
}
