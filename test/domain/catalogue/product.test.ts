import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ProductCommand } from '../../../src/domain/catalogue/commands.ts'
import { productAggregate } from '../../../src/domain/catalogue/decide.ts'
import type { ProductEvent } from '../../../src/domain/catalogue/events.ts'
import { productAt } from '../../../src/domain/catalogue/state.ts'
import { given, sameCommandTwice } from '../../support/decider.ts'

const day = (date: string): string => `${date}T00:00:00.000Z[UTC]`
const picture = {
  name: { en: 'Touring bicycle', 'zh-CN': '旅行自行车' },
  category: 'Bikes',
  unit: 'EA',
  attributes: { Colour: 'Blue' },
  pictures: [],
  lotTracked: true,
}
const published: ProductEvent = {
  type: 'ProductPublished',
  data: { sku: 'BK-1', companyId: 'acme', ...picture, effectiveAt: day('2026-01-01') },
}
const renamed = { ...picture, name: { en: 'Touring bicycle, 2nd edition' } }
const revise = (effectiveAt: string, what = renamed): ProductCommand => ({
  type: 'ReviseProduct',
  sku: 'BK-1',
  ...what,
  effectiveAt,
})
const revised = (effectiveAt: string): ProductEvent => ({
  type: 'ProductRevised',
  data: { sku: 'BK-1', ...renamed, effectiveAt, breaches: [] },
})

describe('a product', () => {
  it('is published once, with nothing said where nothing is known', () => {
    const { attributes: _a, pictures: _p, lotTracked: _l, ...short } = picture
    given(productAggregate)
      .when({ type: 'PublishProduct', sku: 'BK-1', companyId: 'acme', ...short, effectiveAt: day('2026-01-01') })
      .then([
        {
          type: 'ProductPublished',
          data: {
            sku: 'BK-1',
            companyId: 'acme',
            ...short,
            attributes: {},
            pictures: [],
            lotTracked: false,
            effectiveAt: day('2026-01-01'),
          },
        },
      ])
  })

  it('is not published again as something else, or by another company', () => {
    const again = {
      type: 'PublishProduct',
      sku: 'BK-1',
      companyId: 'acme',
      ...picture,
      effectiveAt: day('2026-01-01'),
    } as const
    given(productAggregate, [published]).when(again).thenNothing()
    given(productAggregate, [published, revised(day('2026-02-01'))])
      .when(again)
      .thenNothing()
    given(productAggregate, [published])
      .when({ ...again, ...renamed })
      .thenRefused('object.exists')
    given(productAggregate, [published])
      .when({ ...again, companyId: 'rival' })
      .thenRefused('object.exists')
  })

  it('is revised as a whole picture, from an instant on', () => {
    const { when } = given(productAggregate, [published])
    when(revise(day('2026-03-01'))).then([revised(day('2026-03-01'))])
    const state = when(revise(day('2026-03-01'))).state()
    expect(productAt(state, day('2025-12-31'))).toBeUndefined()
    expect(productAt(state, day('2026-02-28'))?.name.en).toBe('Touring bicycle')
    expect(productAt(state, day('2026-03-01'))?.name.en).toBe('Touring bicycle, 2nd edition')
  })

  it('has no new version where the picture is the one in force', () => {
    given(productAggregate, [published])
      .when(revise(day('2026-03-01'), picture))
      .thenNothing()
    given(productAggregate, [published, revised(day('2026-02-01'))])
      .when(revise(day('2026-03-01')))
      .thenNothing()
  })

  it('keeps its unit: a command is refused, a recorded fact keeps its breach', () => {
    const inKilos = revise(day('2026-03-01'), { ...renamed, unit: 'KGM' })
    const { when } = given(productAggregate, [published])
    when(inKilos).thenRefused('catalogue.unit_fixed')
    when(inKilos, { recorded: true }).then([
      {
        type: 'ProductRevised',
        data: {
          sku: 'BK-1',
          ...renamed,
          unit: 'KGM',
          effectiveAt: day('2026-03-01'),
          breaches: [{ code: 'catalogue.unit_fixed', details: { sku: 'BK-1', unit: 'KGM', was: 'EA' } }],
        },
      },
    ])
  })

  it('is withdrawn and comes back, each at its time', () => {
    const withdrawn: ProductEvent = {
      type: 'ProductWithdrawn',
      data: { sku: 'BK-1', reason: 'recall', effectiveAt: day('2026-02-01') },
    }
    const reinstated: ProductEvent = {
      type: 'ProductReinstated',
      data: { sku: 'BK-1', effectiveAt: day('2026-04-01') },
    }
    given(productAggregate, [published])
      .when({ type: 'WithdrawProduct', ...withdrawn.data })
      .then([withdrawn])
    given(productAggregate, [published, withdrawn])
      .when({ type: 'ReinstateProduct', ...reinstated.data })
      .then([reinstated])
    const state = given(productAggregate, [published, withdrawn, reinstated]).state()
    expect(
      ['2026-01-31', '2026-02-01', '2026-03-31', '2026-04-01'].map((at) => productAt(state, day(at))?.withdrawn),
    ).toEqual([false, true, true, false])
  })

  it('must exist before anything happens to it', () => {
    given(productAggregate)
      .when(revise(day('2026-03-01')))
      .thenRefused('catalogue.unknown_sku')
  })

  it('says the same thing once, whatever its history', () => {
    const at = fc.constantFrom('2026-01-01', '2026-02-01', '2026-03-01').map(day)
    const what = fc.constantFrom(picture, renamed, { ...picture, lotTracked: false }, { ...picture, unit: 'KGM' })
    sameCommandTwice<ProductCommand, ProductEvent, Parameters<typeof productAt>[0], undefined>(
      productAggregate,
      fc.oneof(
        fc
          .record({
            type: fc.constant('PublishProduct' as const),
            sku: fc.constant('BK-1'),
            companyId: fc.constant('acme'),
            effectiveAt: at,
            what,
          })
          .map(({ what: one, ...rest }) => ({ ...rest, ...one })),
        fc.record({ effectiveAt: at, what }).map(({ effectiveAt, what: one }) => revise(effectiveAt, one)),
        fc.record({
          type: fc.constant('WithdrawProduct' as const),
          sku: fc.constant('BK-1'),
          reason: fc.constant('recall'),
          effectiveAt: at,
        }),
        fc.record({ type: fc.constant('ReinstateProduct' as const), sku: fc.constant('BK-1'), effectiveAt: at }),
      ),
    )
  })
})
