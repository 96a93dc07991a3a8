import type { LocalName } from './localName.ts'

/** `amount`: money of a currency; `quantity`: goods in a unit of measure; `count`: neither: documents, lines, days. */
export type Column = 'amount' | 'quantity' | 'count'

/** What is measured, and the types of events that it is measured by. Everything that a metric says comes from these. */
export interface Measure {
  readonly name: LocalName
  /** whom and what its figures belong to */
  readonly of: readonly ('dealer' | 'product')[]
  readonly columns: readonly Column[]
  readonly events: readonly string[]
  /** a level that events assert, such as a count of stock; its changes follow from what stood before */
  readonly isAsserted?: true
  /** dealers do not see it */
  readonly isInternal?: true
}

const dealer = ['dealer'] as const
const product = ['product'] as const
const both = ['dealer', 'product'] as const
const columnsOf = { a: 'amount', q: 'quantity', n: 'count' } as const

function measure(
  en: string,
  zh: string,
  of: Measure['of'],
  columns: string,
  events: string,
  more: Pick<Measure, 'isAsserted' | 'isInternal'> = {},
): Measure {
  const named = columns.split('').map((letter) => columnsOf[letter as keyof typeof columnsOf]) // letters of this file
  return { name: { en, 'zh-CN': zh }, of, columns: named, events: events.split(' '), ...more }
}

const asserted = { isAsserted: true } as const
const internal = { isInternal: true } as const
const terms = 'OrderPlaced OrderAmended PriceOverrideApproved RepriceApplied'

/** The base measures by their codes: a later metric is one more line here, and one in the feed that says what an event adds. */
export const measures = {
  ordered: measure('ordered', '订购', both, 'aqn', terms),
  'orders-placed': measure('orders placed', '下单', dealer, 'n', 'OrderPlaced'),
  'orders-by-portal': measure('orders by portal', '门户订单', dealer, 'n', 'OrderPlaced'),
  'orders-by-api': measure('orders by API', 'API 订单', dealer, 'n', 'OrderPlaced'),
  'orders-by-edi': measure('orders by EDI', 'EDI 订单', dealer, 'n', 'OrderPlaced'),
  'orders-by-staff': measure('orders entered by staff', '内勤代录订单', dealer, 'n', 'OrderPlaced'),
  'ordered-digitally': measure('ordered by portal, API or EDI', '数字渠道订购', both, 'an', 'OrderPlaced'),
  'order-drafts': measure('order drafts', '订单草稿', dealer, 'n', 'OrderDrafted'),
  'list-value': measure('value at list price of priced lines', '按目录价的订购额', both, 'a', 'OrderPlaced'),
  'priced-value': measure('value of lines priced from lists', '按价目表定价的订购额', both, 'aqn', 'OrderPlaced'),
  promoted: measure('lines under promotion', '促销订单行', both, 'an', 'OrderPlaced'),
  'below-floor': measure('lines below the floor price', '低于底价的订单行', both, 'an', 'OrderPlaced'),
  'above-ceiling': measure('lines above the ceiling price', '高于限价的订单行', both, 'an', 'OrderPlaced'),
  'orders-in-breach': measure('orders that break a rule', '违规订单', dealer, 'n', 'OrderPlaced'),
  confirmed: measure('confirmed at once', '首次确认', both, 'qn', 'OrderConfirmed'),
  'short-at-confirmation': measure('short when confirmed', '确认时缺货', both, 'qn', 'OrderConfirmed'),
  'backorder-filled': measure('backorders filled', '欠交补足', both, 'qn', 'BackorderFilled'),
  'open-backorder': measure(
    'open backorder',
    '欠交余量',
    both,
    'q',
    'OrderConfirmed OrderAmended BackorderFilled OrderLinesCancelled ShipmentLost',
  ),
  undelivered: measure(
    'ordered and not delivered',
    '未交付订单',
    both,
    'aq',
    `${terms} OrderLinesCancelled ShipmentDelivered ShipmentLost`,
  ),
  cancelled: measure('cancelled', '取消', both, 'aqn', 'OrderLinesCancelled ShipmentLost'),
  'orders-cancelled': measure('orders cancelled', '整单取消', dealer, 'n', 'OrderCancelled'),
  'orders-amended': measure('amendments', '订单变更', dealer, 'n', 'OrderAmended'),
  'price-overrides': measure('price overrides', '特批价格', both, 'an', 'PriceOverrideApproved'),
  repriced: measure('lines repriced', '重新定价', both, 'an', 'RepriceApplied'),
  'order-holds': measure('order holds', '订单冻结', dealer, 'n', 'OrderHeld'),
  'order-credit-holds': measure('order holds for credit', '信用冻结订单', dealer, 'n', 'OrderHeld'),
  shipped: measure('shipped', '发货', both, 'aqn', 'ShipmentDispatched ShipmentLost'),
  shipments: measure('shipments', '发货单', dealer, 'n', 'ShipmentDispatched'),
  freight: measure('freight', '运费', dealer, 'a', 'ShipmentDispatched'),
  delivered: measure('delivered', '签收', both, 'aqn', 'ShipmentDelivered'),
  lost: measure('lost on the way', '运输丢失', both, 'aqn', 'ShipmentLost'),
  returned: measure('returned', '退货', both, 'aqn', 'GoodsReturned'),
  returns: measure('returns', '退货单', dealer, 'n', 'GoodsReturned'),
  'returned-to-scrap': measure('returned as scrap', '退货报废', both, 'q', 'GoodsReturned'),

  'fulfilments-started': measure('fulfilments started', '履约启动', dealer, 'n', 'FulfilmentStarted'),
  'fulfilments-retried': measure('fulfilments retried', '履约重试', dealer, 'n', 'FulfilmentRetried'),
  'fulfilments-confirmed': measure('fulfilments that confirmed', '履约确认', dealer, 'n', 'FulfilmentCompleted'),
  'fulfilments-backordered': measure('fulfilments that backordered', '履约欠交', dealer, 'n', 'FulfilmentCompleted'),
  'fulfilments-held': measure('fulfilments that held', '履约冻结', dealer, 'n', 'FulfilmentCompleted'),
  'fulfilments-cancelled': measure('fulfilments that cancelled', '履约取消', dealer, 'n', 'FulfilmentCompleted'),
  'fulfilment-deadlines': measure('fulfilment deadlines passed', '履约超时', dealer, 'n', 'FulfilmentDeadlinePassed'),
  compensations: measure('compensations', '履约补偿', dealer, 'n', 'CompensationStarted'),
  'credit-refusals': measure('credit refusals', '信用拒绝', dealer, 'n', 'CreditReservationRefused'),

  invoiced: measure('invoiced', '开票', both, 'aqn', 'InvoiceIssued InvoiceCancelled'),
  'invoiced-new': measure('invoiced of new products', '新品开票', both, 'aqn', 'InvoiceIssued InvoiceCancelled'),
  invoices: measure('invoices', '发票', dealer, 'n', 'InvoiceIssued'),
  'invoice-gross': measure('invoice totals with tax', '含税发票额', dealer, 'a', 'InvoiceIssued InvoiceCancelled'),
  'invoice-tax': measure('invoice tax', '发票税额', dealer, 'a', 'InvoiceIssued InvoiceCancelled'),
  'invoice-freight': measure('invoiced freight', '开票运费', dealer, 'a', 'InvoiceIssued InvoiceCancelled'),
  'debit-notes': measure('debit notes', '借项通知单', dealer, 'an', 'InvoiceIssued'),
  'invoices-cancelled': measure('invoices cancelled', '作废发票', dealer, 'an', 'InvoiceCancelled'),
  credited: measure('credited for returns and corrections', '退货与更正贷记', both, 'aq', 'CreditNoteIssued'),
  'credit-notes': measure('credit notes', '贷项通知单', dealer, 'an', 'CreditNoteIssued'),
  'rebate-notes': measure('credit notes for rebates', '返利贷记', dealer, 'an', 'CreditNoteIssued'),
  'correction-notes': measure('credit notes for corrections', '更正贷记', dealer, 'an', 'CreditNoteIssued'),
  'credit-expired': measure('credit that expired', '贷记过期', dealer, 'an', 'CreditNoteExpired'),
  'invoice-open': measure(
    'open invoices',
    '未清应收',
    dealer,
    'a',
    'InvoiceIssued InvoiceCancelled PaymentAllocated PaymentUnallocated CreditNoteApplied',
  ),
  'overdue-to-30': measure('1 to 30 days overdue', '逾期 1–30 天', dealer, 'an', 'InvoiceIssued PaymentAllocated'),
  'overdue-to-60': measure('31 to 60 days overdue', '逾期 31–60 天', dealer, 'an', 'InvoiceIssued PaymentAllocated'),
  'overdue-to-90': measure('61 to 90 days overdue', '逾期 61–90 天', dealer, 'an', 'InvoiceIssued PaymentAllocated'),
  'overdue-longer': measure(
    'more than 90 days overdue',
    '逾期 90 天以上',
    dealer,
    'an',
    'InvoiceIssued PaymentAllocated',
  ),
  'overdue-days': measure(
    'overdue amounts times days',
    '逾期金额乘天数',
    dealer,
    'a',
    'InvoiceIssued PaymentAllocated',
  ),
  unapplied: measure(
    'payments not allocated',
    '未核销收款',
    dealer,
    'a',
    'PaymentReceived PaymentReversed PaymentAllocated PaymentUnallocated',
  ),
  credits: measure('credit notes not applied', '未冲抵贷记', dealer, 'a', 'CreditNoteIssued CreditNoteApplied'),
  offsets: measure(
    'credit for invoices to come',
    '待冲抵货款',
    dealer,
    'a',
    'CreditNoteIssued CreditNoteApplied CreditNoteExpired',
  ),
  payments: measure('payments', '回款', dealer, 'an', 'PaymentReceived'),
  'payments-reversed': measure('payments reversed', '退回款项', dealer, 'an', 'PaymentReversed'),
  'paid-off': measure('paid on invoices', '核销回款', dealer, 'an', 'PaymentAllocated PaymentUnallocated'),
  'paid-late': measure('paid after the due day', '逾期回款', dealer, 'an', 'PaymentAllocated PaymentUnallocated'),
  'payment-days': measure(
    'paid amounts times days since the invoice',
    '回款金额乘账龄天数',
    dealer,
    'a',
    'PaymentAllocated PaymentUnallocated',
  ),
  'late-days': measure(
    'paid amounts times days after the due day',
    '回款金额乘逾期天数',
    dealer,
    'a',
    'PaymentAllocated PaymentUnallocated',
  ),

  'credit-limit': measure('credit limit', '授信额度', dealer, 'a', 'CreditLimitSet', asserted),
  'credit-open': measure(
    'open orders that count against credit',
    '占用授信的未交订单',
    dealer,
    'a',
    'CreditReserved CreditReservationAdjusted CreditReservationReleased OrderValueDelivered InvoiceIssued InvoiceCancelled',
  ),
  'delivered-not-invoiced': measure(
    'delivered, not invoiced',
    '已交未开票',
    dealer,
    'a',
    'OrderValueDelivered OrderValueReturned InvoiceIssued InvoiceCancelled',
  ),
  'credit-checks': measure('credit checks passed', '信用检查通过', dealer, 'n', 'CreditCleared'),
  'credit-overrides': measure('credit overrides', '信用特批', dealer, 'an', 'CreditOverrideApproved'),
  'credit-holds': measure('credit holds', '信用冻结', dealer, 'n', 'CreditHoldPlaced'),
  'limit-holds': measure('holds over the limit', '超额冻结', dealer, 'n', 'CreditHoldPlaced'),
  'overdue-holds': measure('holds for overdue invoices', '逾期冻结', dealer, 'n', 'CreditHoldPlaced'),
  'hold-releases': measure('credit holds released', '信用放行', dealer, 'n', 'CreditHoldReleased'),
  'manual-releases': measure('credit holds released by hand', '人工放行', dealer, 'n', 'CreditHoldReleased'),

  accrued: measure('rebates accrued', '返利预提', dealer, 'a', 'AccrualPosted'),
  'accrual-reversed': measure('accruals reversed', '冲回预提', dealer, 'a', 'AccrualReversed'),
  'accrual-balance': measure('balance of accruals', '预提余额', dealer, 'a', 'AccrualPosted AccrualReversed'),
  settlements: measure('settlements calculated', '返利结算', dealer, 'n', 'SettlementCalculated'),
  'settled-volume': measure('volume settled', '结算销量额', dealer, 'a', 'SettlementCalculated', asserted),
  'targeted-volume': measure(
    'volume settled against a target',
    '有目标的结算额',
    dealer,
    'a',
    'SettlementCalculated',
    asserted,
  ),
  target: measure('target', '目标', dealer, 'a', 'SettlementCalculated', asserted),
  'based-volume': measure(
    'volume settled against a baseline',
    '有基期的结算额',
    dealer,
    'a',
    'SettlementCalculated',
    asserted,
  ),
  baseline: measure('baseline', '基期', dealer, 'a', 'SettlementCalculated', asserted),
  'target-periods': measure('periods with a target', '有目标期间', dealer, 'n', 'SettlementCalculated', asserted),
  'target-periods-reached': measure(
    'periods that reached the target',
    '达标期间',
    dealer,
    'n',
    'SettlementCalculated',
    asserted,
  ),
  earned: measure('rebates earned', '应得返利', dealer, 'a', 'SettlementCalculated', asserted),
  'settlements-approved': measure('settlements approved', '批准结算', dealer, 'an', 'SettlementApproved'),
  'settlements-held': measure('settlements held back', '争议扣留', dealer, 'a', 'SettlementApproved'),
  'rebates-credited': measure('rebates paid by credit note', '票据兑付返利', dealer, 'an', 'SettlementCredited'),
  'rebates-paid': measure('rebates paid in money', '现金兑付返利', dealer, 'an', 'SettlementPaid'),
  clawbacks: measure('clawbacks', '追回', dealer, 'an', 'ClawbackPosted'),
  disputes: measure('disputes of settlements', '结算争议', dealer, 'an', 'DisputeOpened'),
  'disputes-upheld': measure('disputes upheld', '争议成立', dealer, 'an', 'DisputeUpheld'),
  'disputes-rejected': measure('disputes rejected', '争议驳回', dealer, 'n', 'DisputeRejected'),
  'disputes-withdrawn': measure('disputes withdrawn', '争议撤回', dealer, 'n', 'DisputeWithdrawn'),
  members: measure('programme memberships', '返利方案成员', dealer, 'n', 'MemberEnrolled MemberWithdrawn'),
  'targets-set': measure('targets set', '设定目标', dealer, 'n', 'TargetSet'),
  'targets-revised': measure('targets revised', '调整目标', dealer, 'n', 'TargetRevised'),

  claims: measure('claims submitted', '补差申报', both, 'aqn', 'ClaimSubmitted'),
  'protection-claims': measure('price protection claims', '价保申报', both, 'an', 'ClaimSubmitted'),
  'debit-claims': measure('ship-and-debit claims', '先销后补差申报', both, 'an', 'ClaimSubmitted'),
  'special-price-claims': measure('special price claims', '特价申报', both, 'an', 'ClaimSubmitted'),
  'rotation-claims': measure('stock rotation claims', '库存轮换申报', both, 'an', 'ClaimSubmitted'),
  'claims-approved': measure('claims approved', '批准申报', both, 'an', 'ClaimApproved ClaimPartlyApproved'),
  'claims-cut': measure('cut from claims', '核减金额', both, 'an', 'ClaimPartlyApproved'),
  'claims-rejected': measure('claims rejected', '驳回申报', both, 'n', 'ClaimRejected'),
  'claims-withdrawn': measure('claims withdrawn', '撤回申报', both, 'n', 'ClaimWithdrawn'),
  'claims-paid': measure('claims paid', '兑付申报', both, 'an', 'ClaimPaid'),
  'agreements-made': measure('price agreements made', '签订价格协议', both, 'qn', 'AgreementMade'),
  'agreements-ended': measure('price agreements ended', '终止价格协议', both, 'n', 'AgreementEnded'),

  'fund-budget': measure('fund budget', '市场费用预算', dealer, 'a', 'FundBudgeted FundBudgetRevised FundAccrued'),
  'fund-accrued': measure('added to funds by sales', '销售计提费用', dealer, 'a', 'FundAccrued'),
  'fund-requests': measure('fund activities requested', '活动申请', dealer, 'an', 'FundActivityRequested'),
  'fund-committed': measure('fund committed', '费用承诺', dealer, 'an', 'FundCommitted'),
  'fund-commitments': measure('commitments not released', '未释放承诺', dealer, 'a', 'FundCommitted FundReleased'),
  'fund-declined': measure('fund activities declined', '拒绝活动', dealer, 'n', 'FundActivityDeclined'),
  'fund-released': measure('fund commitments released', '释放承诺', dealer, 'an', 'FundReleased'),
  'fund-expired': measure('fund budget expired', '预算过期', dealer, 'a', 'FundExpired'),
  'fund-claimed-decided': measure(
    'claimed of approved fund claims',
    '已批报销申报额',
    dealer,
    'a',
    'FundClaimApproved',
  ),
  'fund-claims-approved': measure('fund claims approved', '批准报销', dealer, 'an', 'FundClaimApproved'),
  'fund-claims-rejected': measure('fund claims rejected', '驳回报销', dealer, 'n', 'FundClaimRejected'),
  'fund-paid': measure('fund claims paid', '支付报销', dealer, 'an', 'FundClaimPaid'),

  'stock-on-hand': measure(
    'stock on hand',
    '在库量',
    both,
    'q',
    'StockOpened StockCounted StockReported StockReceived StockTransferredIn GoodsReturnedToStock StockTransferredOut ResaleReported StockIssued StockScrapped',
    asserted,
  ),
  'stock-adjusted': measure(
    'stock found or missing',
    '盘盈盘亏净额',
    both,
    'q',
    'StockCounted StockReported StockOpened',
  ),
  'stock-adjusted-size': measure(
    'stock found and missing',
    '盘点差异绝对值',
    both,
    'qn',
    'StockCounted StockReported StockOpened',
  ),
  'stock-asserted': measure('stock counted or reported', '盘点或上报数量', both, 'qn', 'StockCounted StockReported'),
  'stock-reserved': measure(
    'stock reserved',
    '预留量',
    both,
    'q',
    'StockReserved ReservationReleased ReservationExpired StockAllocated',
  ),
  'stock-allocated': measure('stock allocated', '分配量', both, 'q', 'StockAllocated StockDeallocated StockIssued'),
  'stock-blocked': measure('stock blocked', '冻结量', both, 'q', 'StockBlocked StockUnblocked StockScrapped'),
  'stock-in-transit': measure(
    'stock in transit',
    '在途量',
    both,
    'q',
    'SupplyShipped SupplyReduced StockReceived StockTransferredIn',
  ),
  'stock-on-order': measure(
    'stock on order',
    '在订量',
    both,
    'q',
    'SupplyExpected SupplyShipped SupplyReduced StockReceived',
  ),
  'stock-backordered': measure('stock backordered', '库存欠交量', both, 'q', 'StockBackorderChanged'),
  'stock-received': measure('stock received', '入库', both, 'qn', 'StockReceived'),
  'stock-issued': measure('stock issued', '出库', both, 'qn', 'StockIssued'),
  'stock-sold': measure('sold on', '动销', both, 'qn', 'ResaleReported'),
  'stock-scrapped': measure('stock scrapped', '报废', both, 'qn', 'StockScrapped'),
  'stock-counts': measure('stocktakes', '盘点', both, 'n', 'StockCounted'),
  'stock-reports': measure('stock reports', '库存上报', both, 'n', 'StockReported'),
  'stock-report-lag': measure('hours until stock was reported', '库存上报延迟小时', both, 'n', 'StockReported'),
  'sell-out-lag': measure('hours until sell-out was reported', '动销上报延迟小时', both, 'n', 'ResaleReported'),
  'stock-reservations': measure('reservations', '预留', both, 'qn', 'StockReserved'),
  'reservations-expired': measure('reservations expired', '预留过期', both, 'qn', 'ReservationExpired'),
  'low-stock-alerts': measure('low stock alerts', '低库存预警', both, 'n', 'LowStockDetected'),
  'out-of-stock-alerts': measure('out of stock alerts', '缺货预警', both, 'n', 'LowStockDetected'),
  'stock-replenishments': measure('stock replenished', '补足', both, 'n', 'StockReplenished'),
  'safety-stock': measure('safety stock', '安全库存', both, 'q', 'ReplenishmentPolicySet', asserted),
  'reorder-point': measure('reorder point', '再订货点', both, 'q', 'ReplenishmentPolicySet', asserted),
  'supplies-expected': measure('supply ordered', '订货补给', both, 'qn', 'SupplyExpected'),
  'supplies-reduced': measure('supply cancelled or lost', '补给减少', both, 'qn', 'SupplyReduced'),

  'own-on-hand': measure(
    "manufacturer's stock on hand",
    '厂商在库量',
    product,
    'q',
    'StockOpened StockCounted StockReported StockReceived StockTransferredIn GoodsReturnedToStock StockTransferredOut ResaleReported StockIssued StockScrapped',
    { ...asserted, ...internal },
  ),
  'own-reserved': measure(
    "manufacturer's stock reserved",
    '厂商预留量',
    product,
    'q',
    'StockReserved ReservationReleased ReservationExpired StockAllocated',
    internal,
  ),
  'own-allocated': measure(
    "manufacturer's stock allocated",
    '厂商分配量',
    product,
    'q',
    'StockAllocated StockDeallocated StockIssued',
    internal,
  ),
  'own-blocked': measure(
    "manufacturer's stock blocked",
    '厂商冻结量',
    product,
    'q',
    'StockBlocked StockUnblocked StockScrapped',
    internal,
  ),
  'own-issued': measure(
    "issued from the manufacturer's warehouses",
    '厂商出库',
    product,
    'qn',
    'StockIssued',
    internal,
  ),
  'own-scrapped': measure(
    "scrapped in the manufacturer's warehouses",
    '厂商报废',
    product,
    'qn',
    'StockScrapped',
    internal,
  ),
  'own-low-stock-alerts': measure(
    "low stock alerts of the manufacturer's warehouses",
    '厂商低库存预警',
    product,
    'n',
    'LowStockDetected',
    internal,
  ),
  cost: measure('cost of goods issued for orders', '订单出库成本', both, 'aq', 'StockIssued', internal),
  'issued-for-orders': measure('goods issued for orders', '订单出库', both, 'q', 'StockIssued', internal),

  'transfers-dispatched': measure('transfers dispatched', '调拨发出', both, 'qn', 'TransferDispatched'),
  'transfers-received': measure('transfers received', '调拨收货', both, 'qn', 'TransferReceived'),
  'transfers-lost': measure('transfers lost', '调拨丢失', both, 'qn', 'TransferLost'),

  evidence: measure('evidence of conduct', '行为凭证', dealer, 'n', 'EvidenceRecorded'),
  'evidence-withdrawn': measure('evidence withdrawn', '撤回凭证', dealer, 'n', 'EvidenceWithdrawn'),
  evaluations: measure('evaluations', '评价', dealer, 'n', 'EvaluationRecorded'),
  'evaluation-points': measure('points of evaluations', '评价得分', dealer, 'n', 'EvaluationRecorded'),

  'exclusive-share-points': measure('points of shares declared', '独家份额得分', dealer, 'n', 'EvaluationRecorded'),
  'exclusive-shares': measure('shares declared', '独家份额申报', dealer, 'n', 'EvaluationRecorded'),
  'violation-points': measure('points of violations that count', '计分违规点数', dealer, 'n', 'ViolationConfirmed'),
  'violations-apart': measure('violations shown apart', '单列违规', dealer, 'n', 'ViolationConfirmed'),
  outlets: measure('outlets', '终端', dealer, 'n', 'OutletRegistered OutletReleased OutletAssigned OutletClosed'),
  'forecast-demand': measure('demand forecast', '预测需求', both, 'q', 'ForecastPublished'),
  'forecast-naive': measure('demand of before, carried on', '沿用往期需求', both, 'q', 'ForecastPublished'),

  statements: measure('statements published', '对账单', dealer, 'n', 'StatementPublished'),
  'statement-lines': measure('lines of statements', '对账单行', dealer, 'n', 'StatementPublished'),
  'statement-revisions': measure('statements published again', '对账单重出', dealer, 'n', 'StatementPublished'),
  'statements-accepted': measure(
    'statements confirmed by dealers',
    '经销商确认对账',
    dealer,
    'n',
    'StatementConfirmed',
  ),
  'lines-agreed': measure('statement lines confirmed', '确认对账行', dealer, 'n', 'StatementLinesConfirmed'),
  'lines-disputed': measure('statement lines disputed', '争议对账行', dealer, 'an', 'StatementLineDisputed'),
  'line-disputes-accepted': measure('line disputes accepted', '对账争议成立', dealer, 'n', 'StatementDisputeSettled'),
  'line-disputes-settled': measure('line disputes settled', '对账争议了结', dealer, 'n', 'StatementDisputeSettled'),

  dealers: measure('dealers', '经销商', dealer, 'n', 'DealerRegistered DealerExited'),
  'dealers-registered': measure('dealers registered', '新增经销商', dealer, 'n', 'DealerRegistered'),
  'dealers-exited': measure('dealers that left', '退出经销商', dealer, 'n', 'DealerExited'),
  'dealers-suspended': measure('dealers suspended', '暂停经销商', dealer, 'n', 'DealerSuspended DealerReinstated'),
  'tier-changes': measure('tiers assigned', '等级调整', dealer, 'n', 'TierAssigned'),
  'territory-grants': measure(
    'exclusive territories granted',
    '独家区域授权',
    dealer,
    'n',
    'TerritoryGranted TerritoryReleased',
  ),

  products: measure(
    'products on offer',
    '在售产品',
    product,
    'n',
    'ProductPublished ProductWithdrawn ProductReinstated',
  ),
  'products-published': measure('products published', '新发布产品', product, 'n', 'ProductPublished'),
  'price-changes': measure('price changes', '调价', product, 'n', 'PriceChanged'),
  'price-cuts': measure('price cuts', '降价', product, 'n', 'PriceChanged'),
  'price-rises': measure('price rises', '涨价', product, 'n', 'PriceChanged'),
  'retroactive-prices': measure('retroactive price changes', '追溯调价', product, 'n', 'PriceChanged'),
  'bounds-overridden': measure('prices set beyond their bounds', '突破底价限价的定价', product, 'n', 'PriceChanged'),
  'prices-ended': measure('prices ended', '价格终止', product, 'n', 'PriceEnded'),
  promotions: measure('promotions scheduled', '促销计划', [], 'n', 'PromotionScheduled'),
  'promotions-cancelled': measure('promotions cancelled', '取消促销', [], 'n', 'PromotionCancelled'),

  'users-registered': measure('users registered', '注册用户', dealer, 'n', 'PrincipalRegistered'),
  'users-disabled': measure('users disabled', '停用用户', dealer, 'n', 'PrincipalDisabled'),
  'keys-issued': measure('API keys issued', '签发 API 密钥', dealer, 'n', 'ApiKeyIssued'),
  'webhooks-registered': measure('webhooks registered', '注册 Webhook', dealer, 'n', 'WebhookRegistered'),
  corrections: measure('errors declared', '更正声明', dealer, 'n', 'ErrorDeclared'),
  batches: measure('posting batches', '记账批次', [], 'n', 'PostingsExported', internal),
  'batches-rejected': measure('posting batches rejected', '记账批次被拒', [], 'n', 'PostingsRejected', internal),
} as const satisfies Readonly<Record<string, Measure>>

export type MeasureCode = keyof typeof measures

export function measureOf(code: MeasureCode): Measure {
  return measures[code]
}

/** Follow from other measures and the day that is asked about, in the question itself. */
export const derivedMeasures: readonly MeasureCode[] = [
  'invoiced-new',
  'overdue-to-30',
  'overdue-to-60',
  'overdue-to-90',
  'overdue-longer',
  'overdue-days',
  'stock-adjusted',
  'stock-adjusted-size',
]

/** Measures of stock by whom it belongs to: what a dealer holds counts as the first, what the manufacturer holds as the second. */
export const ownMeasures: Readonly<Partial<Record<MeasureCode, MeasureCode>>> = {
  'stock-on-hand': 'own-on-hand',
  'stock-reserved': 'own-reserved',
  'stock-allocated': 'own-allocated',
  'stock-blocked': 'own-blocked',
  'stock-issued': 'own-issued',
  'stock-scrapped': 'own-scrapped',
  'low-stock-alerts': 'own-low-stock-alerts',
}

/** Fed by stock streams, whose party may be the manufacturer: of these only what dealers hold counts. */
export const heldMeasures: readonly MeasureCode[] = (Object.keys(measures) as MeasureCode[]).filter(
  (code) =>
    code.startsWith('stock-') ||
    ['sell-out-lag', 'reservations-expired', 'low-stock-alerts', 'out-of-stock-alerts'].includes(code) ||
    ['safety-stock', 'reorder-point', 'supplies-expected', 'supplies-reduced'].includes(code),
)

/** The evaluation that says which share of its purchases a dealer makes here, in percent: declared by it and checked by staff. */
export const exclusiveShare = 'exclusive-share'

/** For how many days after its launch a product is new. */
export const newProductDays = 180
