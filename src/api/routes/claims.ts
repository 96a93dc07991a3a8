import * as commands from '../../domain/claims/commands.ts'
import { differencesAggregate } from '../../domain/claims/differences.ts'
import type { SubmittedClaim } from '../../domain/claims/events.ts'
import type { GoodsKnown } from '../../domain/claims/layer.ts'
import { layersAt } from '../../domain/claims/layersAt.ts'
import { claimsPolicyAggregate, setClaimsPolicy } from '../../domain/claims/policy.ts'
import { businessTime, instantOf } from '../../domain/kernel/businessTime.ts'
import { claimsModel } from '../../projections/models/claims/model.ts'
import { type Goods, openGoods } from '../../projections/models/claims/openGoods.ts'
import type { Call, CommandRoute } from '../commandRoute.ts'
import type { ApiPorts } from '../ports.ts'
import { claimants, finance, manufacturer } from '../roles.ts'

const one = '/v1/price-differences/:dealerId/:sku'
const claim = `${one}/claims/:claimId`
const base = { aggregate: differencesAggregate, kind: 'change', method: 'POST' } as const
const ofDealer = { roles: claimants, right: 'finance', ownDealerFields: ['dealerId'] } as const
const waitMilliseconds = 2_000

export const claimRoutes: readonly CommandRoute[] = [
  {
    aggregate: claimsPolicyAggregate,
    kind: 'change',
    method: 'PUT',
    path: '/v1/claims-policies/:companyId',
    command: setClaimsPolicy,
    summary: 'Say what dealers are promised: price protection, stock rotation, until when to claim',
    roles: finance,
  },
  {
    ...base,
    kind: 'create',
    path: `${one}/agreements`,
    command: commands.makeAgreement,
    summary: 'Agree on a special price for an end customer: ship and debit, or a project’s special price',
    roles: manufacturer,
    idField: 'agreementId',
  },
  {
    ...base,
    path: `${one}/agreements/:agreementId/end`,
    command: commands.endAgreement,
    summary: 'End an agreement before its window ends',
    roles: manufacturer,
  },
  {
    ...base,
    ...ofDealer,
    kind: 'create',
    path: `${one}/claims`,
    command: commands.submitClaim,
    summary:
      'Claim a difference of price on an agreement, or give stock back; it is worked out from the goods the ledger knows of',
    idField: 'claimId',
    given: { goods: goodsOf },
  },
  {
    ...base,
    path: `${claim}/approvals`,
    command: commands.approveClaim,
    summary: 'Approve a claim, in part or whole: it is paid by credit note; above the limit two people have to',
    roles: finance,
  },
  {
    ...base,
    path: `${claim}/rejection`,
    command: commands.rejectClaim,
    summary: 'Reject a claim: its units and proofs are free again',
    roles: finance,
    given: { proof: () => undefined },
  },
  {
    ...base,
    ...ofDealer,
    path: `${claim}/withdrawal`,
    command: commands.withdrawClaim,
    summary: 'Withdraw a claim that is not decided',
  },
]

export function goodsPort({ goods, readerOf }: Pick<ApiPorts, 'goods' | 'readerOf'>): Goods {
  return goods ?? openGoods(readerOf(claimsModel), waitMilliseconds)
}

/** What the ledger knows of the goods that a claim speaks of: at each sale, or now. */
async function goodsOf({ ports, sent }: Call): Promise<GoodsKnown> {
  const { dealerId, sku, sales } = sent as unknown as Asked // checked by its schema
  const watermark = await ports.store.head()
  const movements = await goodsPort(ports).movements(dealerId, sku, watermark)
  const times = [...new Set(sales?.map(({ soldAt }) => soldAt))]
  const moments =
    times.length > 0
      ? times.map((at) => ({
          at,
          layers: layersAt(movements, instantOf(at)).filter(({ left, onHand }) => left !== onHand),
        }))
      : [{ at: businessTime(ports.now(), 'UTC'), layers: [...layersAt(movements, ports.now() + 1)] }]
  return { watermark: watermark.toString(), moments }
}

interface Asked {
  readonly dealerId: string
  readonly sku: string
  readonly sales?: SubmittedClaim['sales']
}
