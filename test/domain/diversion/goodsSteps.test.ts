import { describe, expect, it } from 'vitest'
import { goodsAt, type GoodsStep } from '../../../src/domain/diversion/goodsSteps.ts'

const step = (at: number, said: Partial<GoodsStep>): GoodsStep => ({
  eventId: `event-${at}`,
  at,
  position: BigInt(at),
  ...said,
})
const sent = (dealerId: string): Partial<GoodsStep> => ({ parent: '', sent: { dealerId, eventId: dealerId } })
const world = (steps: Readonly<Record<string, readonly GoodsStep[]>>) => (serial: string) => steps[serial] ?? []

describe('goods at an instant', () => {
  const stepsOf = world({
    item: [step(1, { parent: 'case' }), step(20, { parent: '', isTakenOut: true }), step(40, sent('D3'))],
    case: [step(1, { parent: 'pallet' })],
    pallet: [step(1, { parent: '' }), step(10, sent('D1')), step(30, { parent: '' })],
  })

  it('are where the outermost container was sent to', () => {
    expect(goodsAt('item', 5, stepsOf)).toEqual({ chain: ['item', 'case', 'pallet'], sent: undefined })
    expect(goodsAt('item', 15, stepsOf)).toMatchObject({ chain: ['item', 'case', 'pallet'], sent: { dealerId: 'D1' } })
  })

  it('stay there when they are taken out, whatever becomes of the container', () => {
    expect(goodsAt('item', 25, stepsOf)).toMatchObject({ chain: ['item'], sent: { dealerId: 'D1' } })
    expect(goodsAt('item', 35, stepsOf)).toMatchObject({ sent: { dealerId: 'D1' } })
  })

  it('are nobody’s when they were given back, and another one’s when they were sent again', () => {
    expect(goodsAt('case', 35, stepsOf).sent).toBeUndefined()
    expect(goodsAt('item', 45, stepsOf)).toMatchObject({ sent: { dealerId: 'D3' } })
  })

  it('move with nobody who was not allowed to have them', () => {
    const taken = world({ box: [step(1, sent('D1')), step(2, {})] })
    expect(goodsAt('box', 3, taken)).toMatchObject({ sent: { dealerId: 'D1' } })
  })
})
