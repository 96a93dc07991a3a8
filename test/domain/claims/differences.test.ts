import { describe, expect, it } from 'vitest'
import type { DifferencesCommand } from '../../../src/domain/claims/commands.ts'
import { differencesAggregate, type DifferencesGiven } from '../../../src/domain/claims/differences.ts'
import type { DifferencesEvent } from '../../../src/domain/claims/events.ts'
import { explainClaim } from '../../../src/domain/claims/explainClaim.ts'
import type { DealerAt } from '../../../src/domain/dealers/state.ts'
import { given as specification } from '../../support/decider.ts'
import * as w from './world.ts'

const at = w.day('2026-02-20')

/** A stream brought somewhere by commands, each with the world it meets. */
function story() {
  const history: DifferencesEvent[] = []
  const when = (command: DifferencesCommand, given: DifferencesGiven = w.given(), by = 'dealer-wang', on = at) =>
    specification(differencesAggregate, history).when(command, { given, at: on, by })
  return {
    when,
    run(command: DifferencesCommand, given?: DifferencesGiven, by?: string, on?: string) {
      const events = when(command, given, by, on).events()
      history.push(...events)
      return events
    },
    claim: (claimId: string) => {
      const found = history.find((one) => one.type === 'ClaimSubmitted' && one.data.claimId === claimId)
      if (found?.type !== 'ClaimSubmitted') throw new Error(`no claim ${claimId}`)
      return found.data
    },
  }
}
const life = (type: string, claimId: string, more: object = {}): DifferencesCommand =>
  ({ type, dealerId: 'dealer', sku: 'PHONE', claimId, ...more }) as DifferencesCommand
const protectionId = `PP-${w.change}`

describe('price protection', () => {
  it('V8: a drop of 800 on 150 units is 120,000', () => {
    const { run, claim } = story()
    run(w.protect([w.layer(1, '4800', '150')]), w.priceChange('4800', '4000'), 'claims')
    expect(claim(protectionId)).toMatchObject({ amount: '12000000', quantity: '150', currency: 'CNY' })
    expect(explainClaim(claim(protectionId))).toMatchObject({
      amount: '120000',
      children: [
        { code: 'claimed', children: [{ code: 'line', children: [{ units: '150', stretch: { each: '800' } }] }] },
      ],
    })
  })

  it('by layers each unit is protected at what it cost, by the list at what the list fell', () => {
    const layers = [w.layer(1, '90', '10'), w.layer(2, '100', '10'), w.layer(3, '75', '10')]
    const byLayers = story()
    byLayers.run(w.protect(layers), w.priceChange('100', '80'))
    // (90 − 80) × 10 + (100 − 80) × 10; the third was cheaper than the new price
    expect(byLayers.claim(protectionId)).toMatchObject({ amount: '30000', quantity: '20' })
    const byList = story()
    const list = { ...w.terms, protection: { method: 'list' as const, lookBackDays: 90, inTransit: false } }
    byList.run(w.protect(layers), w.priceChange('100', '80', list))
    expect(byList.claim(protectionId)).toMatchObject({ amount: '60000', quantity: '30' })
  })

  it('protects what is there at the instant, not what has left, is on its way or came too long ago', () => {
    const layers = [
      w.layer(1, '100', '10', { left: '4' }),
      w.layer(2, '100', '10', { onHand: '0' }),
      w.layer(3, '100', '10', { shippedAt: w.day('2025-10-01') }),
    ]
    const plain = story()
    plain.run(w.protect(layers), w.priceChange('100', '80'))
    expect(plain.claim(protectionId)).toMatchObject({ quantity: '6', amount: '12000' })
    const inTransit = story()
    const wide = { ...w.terms, protection: { method: 'layers' as const, lookBackDays: 365, inTransit: true } }
    inTransit.run(w.protect(layers), w.priceChange('100', '80', wide))
    expect(inTransit.claim(protectionId)).toMatchObject({ quantity: '26' })
  })

  it('is proposed once per change, and only for a price that is the dealer’s', () => {
    const { run, when } = story()
    const other = w.priceChange('100', '80')
    const elsewhere = { ...other, change: other.change && { ...other.change, after: w.listPrice('80', 'another') } }
    when(w.protect([w.layer(1, '100', '10')]), elsewhere).thenNothing()
    run(w.protect([w.layer(1, '100', '10')]), other)
    when(w.protect([w.layer(1, '100', '99')]), other).thenNothing()
  })

  it('protects a unit that was protected before for the rest only', () => {
    const { run, claim } = story()
    run(w.protect([w.layer(1, '100', '10')]), w.priceChange('100', '90'))
    const second = w.priceChange('90', '80')
    const later = '00000000-0000-7000-8000-00000000c002'
    const given = { ...second, change: second.change && { ...second.change, after: w.listPrice('80', later) } }
    run({ ...w.protect([w.layer(1, '100', '10')]), changeId: later } as DifferencesCommand, given)
    expect(claim(`PP-${later}`)).toMatchObject({ amount: '10000', takes: [{ low: '80', high: '90' }] })
  })

  it('records a rise, and charges nothing', () => {
    const { run, when } = story()
    const given = w.priceChange('80', '100')
    expect(run(w.protect([w.layer(1, '80', '10', { left: '3' })]), given)).toMatchObject([
      { type: 'ProtectionNotDue', data: { oldPrice: '80', newPrice: '100', quantity: '7', reason: 'price-increase' } },
    ])
    when(w.protect([w.layer(1, '80', '10')]), given).thenNothing()
    story()
      .when(w.protect([w.layer(1, '80', '10', { left: '10' })]), given)
      .thenNothing()
  })

  it('promises nothing without terms, and nothing to a dealer that has left', () => {
    const given = w.priceChange('100', '80')
    const change = given.change
    const without = { ...given, change: change && { ...change, terms: undefined } }
    const gone = { ...given, change: change && { ...change, hasExited: true } }
    for (const one of [without, gone])
      story()
        .when(w.protect([w.layer(1, '100', '10')]), one)
        .thenNothing()
    story().when(w.protect([]), w.given()).thenRefused('object.not_found')
  })
})

describe('ship and debit', () => {
  const layers = [w.layer(1, '100', '10'), w.layer(2, '95', '30')]
  const agreed = () => {
    const one = story()
    one.run(w.agreement())
    return one
  }

  it('pays cost less contract price, first in, first out', () => {
    const { run, claim } = agreed()
    run(w.shipAndDebit('C1', [w.soldOn('2026-02-10', '15')], layers))
    // 10 × (100 − 80) + 5 × (95 − 80)
    expect(claim('C1')).toMatchObject({
      amount: '27500',
      quantity: '15',
      takes: [{ to: '10' }, { from: '0', to: '5' }],
    })
  })

  it('a later sale takes later units', () => {
    const { run, claim } = agreed()
    run(w.shipAndDebit('C1', [w.soldOn('2026-02-10', '15')], layers))
    run(w.shipAndDebit('C2', [w.soldOn('2026-02-11', '5', { proofs: [w.proof(2)] })], layers))
    expect(claim('C2')).toMatchObject({ amount: '7500', takes: [{ layer: 'O2/S2/1', from: '5', to: '10' }] })
  })

  it('compares with the list price of the day the agreement began, or of the sale', () => {
    const start = story()
    start.run(
      w.agreement({ compared: 'list-at-start' }),
      w.given({ quotes: { [w.day('2026-01-01')]: w.listPrice('120') } }),
    )
    start.run(w.shipAndDebit('C1', [w.soldOn('2026-02-10', '2')], layers))
    expect(start.claim('C1')).toMatchObject({ amount: '8000' })
    const sale = story()
    sale.run(w.agreement({ compared: 'list-at-sale' }))
    const quotes = { [w.day('2026-02-10')]: w.listPrice('110') }
    sale.run(w.shipAndDebit('C1', [w.soldOn('2026-02-10', '2')], layers), w.given({ quotes }))
    expect(sale.claim('C1')).toMatchObject({ amount: '6000' })
  })

  it('refuses what the agreement does not cover, and names the rule', () => {
    const { when } = agreed()
    const sale = (...args: Parameters<typeof w.soldOn>) => when(w.shipAndDebit('C1', [w.soldOn(...args)], layers))
    sale('2026-02-10', '2', { endCustomer: 'OTHER' }).thenRefused('claims.other_customer', { agreed: 'SCHOOL' })
    sale('2025-12-31', '2').thenRefused('claims.outside_window', { lineNo: 1 })
    sale('2026-02-21', '2').thenRefused('claims.outside_window')
    sale('2026-02-10', '41').thenRefused('claims.no_units', { missing: '1' })
    sale('2026-01-10', '2').thenRefused('claims.too_late')
    when(w.shipAndDebit('C1', [w.soldOn('2026-02-10', '101')], [w.layer(1, '100', '200')])).thenRefused(
      'claims.over_cap',
      {
        cap: '100',
      },
    )
    const used = { [w.proof(1)]: { stream: 'fund-F', claimId: 'X', dealerId: 'dealer' } }
    when(w.shipAndDebit('C1', [w.soldOn('2026-02-10', '2')], layers), w.given({ used })).thenRefused(
      'claims.proof_used',
      {
        claimId: 'X',
      },
    )
    const gone = { ...w.active, status: 'exited' } as DealerAt
    when(w.shipAndDebit('C1', [w.soldOn('2026-02-10', '2')], layers), w.given({ dealer: gone })).thenRefused(
      'dealers.exited',
    )
    story()
      .when(w.shipAndDebit('C1', [w.soldOn('2026-02-10', '2')], layers))
      .thenRefused('object.not_found')
  })

  it('does not say to a dealer whose claim a foreign proof stands for', () => {
    const used = { [w.proof(1)]: { stream: 'fund-F', claimId: 'X', dealerId: 'rival' } }
    const { when } = agreed()
    const command = w.shipAndDebit('C1', [w.soldOn('2026-02-10', '2')], layers)
    when(command, w.given({ used })).thenRefused('claims.proof_used')
    expect(
      differencesAggregate.decide(command, agreedState(), { at, by: 'x', recorded: false, given: w.given({ used }) }),
    ).toEqual({
      refused: 'claims.proof_used',
      details: { proof: w.proof(1) },
    })
  })

  it('a claim key is used once: the same again is nothing, other content is refused', () => {
    const { run, when } = agreed()
    const claim = w.shipAndDebit('C1', [w.soldOn('2026-02-10', '2')], layers)
    run(claim)
    when(claim).thenNothing()
    when(w.shipAndDebit('C1', [w.soldOn('2026-02-10', '3')], layers)).thenRefused('claims.key_reused', {
      claimId: 'C1',
    })
    run(life('RejectClaim', 'C1', { reason: 'no-invoice' }))
    when(w.shipAndDebit('C1', [w.soldOn('2026-02-10', '3')], layers)).thenRefused('claims.key_reused')
  })

  it('what ended is not covered any more', () => {
    const { run, when } = agreed()
    const end = { type: 'EndAgreement', dealerId: 'dealer', sku: 'PHONE', agreementId: 'A1' } as const
    run({ ...end, endsAt: w.day('2026-02-05'), reason: 'cancelled' })
    when(w.shipAndDebit('C1', [w.soldOn('2026-02-10', '2')], layers)).thenRefused('claims.outside_window', {
      until: w.day('2026-02-05'),
    })
  })
})

describe('the same difference is paid once per unit', () => {
  it('units that were protected are refused to a ship and debit for the same stretch, with the protection named', () => {
    const { run, when } = story()
    run(w.agreement({ compared: 'list-at-start' }), w.given({ quotes: { [w.day('2026-01-01')]: w.listPrice('100') } }))
    run(w.protect([w.layer(1, '100', '10')]), w.priceChange('100', '90'))
    when(w.shipAndDebit('C1', [w.soldOn('2026-02-10', '1')], [w.layer(1, '100', '10')])).thenRefused(
      'claims.units_taken',
      {
        claimId: protectionId,
        kind: 'price-protection',
      },
    )
  })

  it('compared with cost, it is paid what protection has left', () => {
    const { run, claim } = story()
    run(w.agreement())
    run(w.protect([w.layer(1, '100', '10')]), w.priceChange('100', '90'))
    run(w.shipAndDebit('C1', [w.soldOn('2026-02-10', '4')], [w.layer(1, '100', '10')]))
    expect(claim('C1')).toMatchObject({ amount: '4000', takes: [{ low: '80', high: '90' }] })
  })

  it('units that were sold before the change are not protected, and units sold after it are', () => {
    const { run, claim } = story()
    run(w.agreement({ contractPrice: '99' }))
    const [first, second] = [w.soldOn('2026-01-25', '3'), w.soldOn('2026-02-05', '2', { lineNo: 2 })]
    run(w.shipAndDebit('C1', [first, second], [w.layer(1, '100', '10')]))
    run(w.protect([w.layer(1, '100', '10')]), w.priceChange('100', '99.5'))
    // 2 of the 7 that were there had their difference from C1
    expect(claim(protectionId)).toMatchObject({ quantity: '5', passedOver: [{ claimId: 'C1', quantity: '2' }] })
  })

  it('a special price pays on goods bought in its window, and stock is not rotated at a price it was relieved of', () => {
    const { run, claim, when } = story()
    run(w.agreement({ kind: 'special-price' }))
    const layers = [w.layer(1, '100', '10'), w.layer(2, '100', '10', { shippedAt: w.day('2025-12-01') })]
    run(w.specialPrice('C1', '10', layers))
    expect(claim('C1')).toMatchObject({ amount: '20000', takes: [{ layer: 'O1/S1/1' }] })
    when(w.specialPrice('C2', '1', layers)).thenRefused('claims.units_taken', { claimId: 'C1' })
    when(w.specialPrice('C2', '1', [layers[1]] as never)).thenRefused('claims.no_units')
    when(w.rotation('R1', '1', [layers[0]] as never)).thenRefused('claims.units_taken', { claimId: 'C1' })
  })

  it('a rejected or withdrawn claim gives its units and its share of the cap back', () => {
    for (const end of [life('RejectClaim', 'C1', { reason: 'wrong' }), life('WithdrawClaim', 'C1')]) {
      const { run } = story()
      run(w.agreement({ quantity: '10' }))
      run(w.shipAndDebit('C1', [w.soldOn('2026-02-10', '10')], [w.layer(1, '100', '10')]))
      run(end)
      run(w.shipAndDebit('C2', [w.soldOn('2026-02-10', '10')], [w.layer(1, '100', '10')]))
    }
  })
})

describe('stock rotation', () => {
  const layers = [w.layer(1, '100', '60'), w.layer(2, '90', '40')]

  it('gives back a share of what was bought in the period, at what it costs', () => {
    const { run, claim, when } = story()
    run(w.rotation('R1', '6', layers))
    expect(claim('R1')).toMatchObject({
      amount: '60000',
      outlet: 'credit-note',
      basis: { bought: '100', rotated: '0' },
    })
    run(w.rotation('R2', '4', layers))
    when(w.rotation('R3', '0.001', layers)).thenRefused('claims.over_quota', { rotated: '10', share: '0.1' })
  })

  it('as a return it is credited as it was sold, so what was protected does not come back', () => {
    const given = w.given({ terms: { ...w.terms, rotation: { ...w.terms.rotation, method: 'return' } as never } })
    const { run, when, claim } = story()
    run(w.protect([w.layer(1, '100', '60')]), w.priceChange('100', '95'))
    when(w.rotation('R1', '6', [w.layer(1, '100', '60')]), given).thenRefused('claims.units_taken', {
      claimId: protectionId,
    })
    run(w.rotation('R1', '6', layers), given)
    expect(claim('R1')).toMatchObject({ outlet: 'return', takes: [{ layer: 'O2/S2/1', order: { orderId: 'O2' } }] })
  })

  it('needs a right, a period, and time', () => {
    const { when } = story()
    const { rotation: _right, ...without } = w.terms
    when(w.rotation('R1', '1', layers), w.given({ terms: without })).thenRefused('claims.no_rotation')
    when(w.rotation('R1', '1', layers), w.given({ terms: undefined })).thenRefused('claims.no_policy')
    when({ ...w.rotation('R1', '1', layers), periodId: '2031-Q1' } as never).thenRefused('calendars.unknown_period')
    when(w.rotation('R1', '1', layers), w.given(), 'dealer-wang', w.day('2026-05-02')).thenRefused('claims.too_late')
  })
})

describe('the life of a claim', () => {
  const started = (quantity = '10', submittedBy = 'dealer-wang') => {
    const one = story()
    one.run(w.agreement())
    one.run(w.shipAndDebit('C1', [w.soldOn('2026-02-10', quantity)], [w.layer(1, '100', '50')]), w.given(), submittedBy)
    return one
  }
  const approve = (more: object = {}) => life('ApproveClaim', 'C1', more)

  it('submitted, validated, approved, paid', () => {
    const { run, when } = started()
    when(approve(), w.given(), 'finance').thenRefused('claims.not_validated')
    run(life('ValidateClaim', 'C1'))
    expect(run(approve(), w.given(), 'finance')).toMatchObject([{ type: 'ClaimApproved', data: { amount: '20000' } }])
    when(approve(), w.given(), 'finance').thenNothing()
    when(life('RejectClaim', 'C1', { reason: 'late' })).thenRefused('claims.not_open', { status: 'approved' })
    run(life('RecordClaimPayment', 'C1', { documents: ['CN-1'] }))
    when(life('RecordClaimPayment', 'C1', { documents: ['CN-2'] })).thenRefused('claims.not_open')
  })

  it('is approved in part with a reason, and never for more than was claimed', () => {
    const { run, when, claim } = started()
    run(life('ValidateClaim', 'C1'))
    when(approve({ amount: '20001' }), w.given(), 'finance').thenRefused('claims.over_claimed')
    when(approve({ amount: '15000' }), w.given(), 'finance').thenRefused('claims.part_needs_reason')
    run(approve({ amount: '15000', reason: 'invoice-missing' }), w.given(), 'finance')
    const tree = explainClaim(claim('C1'), { approved: '15000', reason: 'invoice-missing' })
    expect(tree).toMatchObject({
      amount: '150',
      children: [{ amount: '200' }, { code: 'not_approved', amount: '-50' }],
    })
  })

  it('takes two people above the limit, and for whoever submitted it', () => {
    const large = story()
    large.run(w.protect([w.layer(1, '4800', '150')]), w.priceChange('4800', '4000'), 'claims')
    large.run(life('ValidateClaim', protectionId))
    const all = life('ApproveClaim', protectionId)
    expect(large.run(all, w.given(), 'finance')).toMatchObject([
      { type: 'ClaimEndorsed', data: { endorsedBy: 'finance' } },
    ])
    large.when(all, w.given(), 'finance').thenRefused('claims.second_person')
    expect(large.run(all, w.given(), 'admin')).toMatchObject([{ type: 'ClaimApproved' }])
    const own = started('10', 'sales')
    own.run(life('ValidateClaim', 'C1'))
    expect(own.run(approve(), w.given(), 'sales')).toMatchObject([{ type: 'ClaimEndorsed' }])
    own.when(approve(), w.given(), 'sales').thenRefused('claims.second_person')
    // another amount begins anew
    expect(own.run(approve({ amount: '100', reason: 'part' }), w.given(), 'finance')).toMatchObject([
      { type: 'ClaimPartlyApproved' },
    ])
  })
})

function agreedState() {
  return specification(
    differencesAggregate,
    specification(differencesAggregate).when(w.agreement(), { given: w.given(), at }).events(),
  ).state()
}
