import type { LocalName } from './localName.ts'

/** What begins with one event and ends with another. */
export interface Episode {
  readonly name: LocalName
  readonly of: readonly ('dealer' | 'product')[]
  /** begin, change and end it */
  readonly events: readonly string[]
  readonly isInternal?: true
}

const dealer = ['dealer'] as const
const both = ['dealer', 'product'] as const

function episode(
  en: string,
  zh: string,
  of: Episode['of'],
  events: string,
  more: Pick<Episode, 'isInternal'> = {},
): Episode {
  return { name: { en, 'zh-CN': zh }, of, events: events.split(' '), ...more }
}

const quantities = 'OrderPlaced OrderAmended OrderLinesCancelled ShipmentLost'

/** An episode has ended when it has an end and nothing of it is left open, such as a quantity to deliver. */
export const episodes = {
  order: episode('order until delivered', '订单至签收', dealer, `${quantities} ShipmentDelivered`),
  'order-line': episode('order line until delivered', '订单行至签收', both, `${quantities} ShipmentDelivered`),
  confirmation: episode('order until confirmed', '订单至确认', dealer, 'OrderPlaced OrderConfirmed OrderCancelled'),
  dispatch: episode('order until shipped', '订单至发货', dealer, `${quantities} ShipmentDispatched`),
  shipment: episode(
    'shipment until delivered',
    '发货至签收',
    dealer,
    'ShipmentDispatched ShipmentDelivered ShipmentLost',
  ),
  billing: episode('shipment until invoiced', '发货至开票', dealer, 'ShipmentDispatched InvoiceIssued'),
  return: episode('return until received', '退货批准至收货', dealer, 'ReturnAuthorised GoodsReturned'),
  'order-hold': episode('order hold until released', '订单冻结至放行', dealer, 'OrderHeld OrderHoldReleased'),
  fulfilment: episode('fulfilment until completed', '履约启动至完成', dealer, 'FulfilmentStarted FulfilmentCompleted'),
  invoice: episode(
    'invoice until settled',
    '发票至结清',
    dealer,
    'InvoiceIssued InvoiceCancelled PaymentAllocated PaymentUnallocated CreditNoteApplied',
  ),
  'credit-hold': episode('credit hold until released', '信用冻结至放行', dealer, 'CreditHoldPlaced CreditHoldReleased'),
  settlement: episode('settlement until approved', '结算至批准', dealer, 'SettlementCalculated SettlementApproved'),
  payout: episode(
    'approved settlement until paid',
    '结算批准至兑付',
    dealer,
    'SettlementApproved SettlementCredited SettlementPaid',
  ),
  dispute: episode(
    'dispute until decided',
    '结算争议至裁定',
    dealer,
    'DisputeOpened DisputeUpheld DisputeRejected DisputeWithdrawn',
  ),
  claim: episode(
    'claim until decided',
    '申报至审定',
    both,
    'ClaimSubmitted ClaimApproved ClaimPartlyApproved ClaimRejected ClaimWithdrawn',
  ),
  'claim-payment': episode(
    'approved claim until paid',
    '申报批准至兑付',
    both,
    'ClaimApproved ClaimPartlyApproved ClaimPaid',
  ),
  'fund-request': episode(
    'fund activity until decided',
    '活动申请至审定',
    dealer,
    'FundActivityRequested FundCommitted FundActivityDeclined',
  ),
  'fund-claim': episode(
    'fund claim until decided',
    '报销至审定',
    dealer,
    'FundClaimSubmitted FundClaimApproved FundClaimRejected FundClaimWithdrawn',
  ),
  statement: episode(
    'statement until the dealer confirms it',
    '对账单至经销商确认',
    dealer,
    'StatementPublished StatementConfirmed',
  ),
  'line-dispute': episode(
    'dispute of a statement line until settled',
    '对账争议至了结',
    dealer,
    'StatementLineDisputed StatementDisputeSettled',
  ),
  transfer: episode(
    'transfer until completed',
    '调拨至完成',
    dealer,
    'TransferRequested TransferCompleted TransferCancelled',
  ),
  period: episode('end of a period until it is closed', '期末至关账', [], 'PeriodOpened PeriodClosed', {
    isInternal: true,
  }),
  batch: episode('posting batch until acknowledged', '记账批次至确认', [], 'PostingsExported PostingsAcknowledged', {
    isInternal: true,
  }),
} as const satisfies Readonly<Record<string, Episode>>

export type EpisodeCode = keyof typeof episodes

export function episodeOf(code: EpisodeCode): Episode {
  return episodes[code]
}
