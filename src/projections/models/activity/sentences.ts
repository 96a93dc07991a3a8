/**
 * One sentence per event type in both languages. `{name}` is a field of the event's data, `{lines}` the number of its
 * lines; `{actor}` who did it. Only business identifiers, codes and figures stand here, never a personal field.
 */
export const sentences: Readonly<Record<string, { readonly en: string; readonly zh: string }>> = {
  ErrorDeclared: {
    en: '{actor} declared event {eventId} an error ({reason})',
    zh: '{actor} 声明事件 {eventId} 有误（{reason}）',
  },

  ProductPublished: { en: 'Product {sku} was published in {category}', zh: '产品 {sku} 已发布，类别 {category}' },
  ProductRevised: { en: 'Product {sku} was revised', zh: '产品 {sku} 已修订' },
  ProductWithdrawn: { en: 'Product {sku} was withdrawn ({reason})', zh: '产品 {sku} 已下架（{reason}）' },
  ProductReinstated: { en: 'Product {sku} is offered again', zh: '产品 {sku} 恢复供应' },

  TerritoryDefined: { en: 'Territory {territoryId} was defined', zh: '授权区域 {territoryId} 已设立' },
  TerritoryRevised: {
    en: 'Territory {territoryId} has version {version}',
    zh: '授权区域 {territoryId} 已更新为第 {version} 版',
  },
  TerritoryGranted: {
    en: 'Territory {territoryId} was granted to {dealerId}',
    zh: '授权区域 {territoryId} 已授予 {dealerId}',
  },
  TerritoryReleased: {
    en: 'Territory {territoryId} was released by {dealerId}',
    zh: '{dealerId} 已退出授权区域 {territoryId}',
  },
  DealerRegistered: { en: 'Dealer {dealerId} was registered', zh: '经销商 {dealerId} 已注册' },
  DealerProfileRevised: { en: 'The profile of dealer {dealerId} was revised', zh: '经销商 {dealerId} 的资料已修订' },
  DealerContactChanged: { en: 'The contact of dealer {dealerId} changed', zh: '经销商 {dealerId} 的联系人已变更' },
  DealerParentAssigned: {
    en: 'Dealer {dealerId} stands on level {tierLevel}',
    zh: '经销商 {dealerId} 的层级为 {tierLevel} 级',
  },
  TierAssigned: {
    en: 'Dealer {dealerId} is now {tier} ({reason})',
    zh: '经销商 {dealerId} 的等级为 {tier}（{reason}）',
  },
  TerritoryAssigned: {
    en: 'Dealer {dealerId} is assigned to territory {territoryId}',
    zh: '经销商 {dealerId} 归属区域 {territoryId}',
  },
  DealerTermsSet: {
    en: 'The terms of dealer {dealerId} have version {version}',
    zh: '经销商 {dealerId} 的交易条款为第 {version} 版',
  },
  DealerSuspended: { en: 'Dealer {dealerId} was suspended ({reason})', zh: '经销商 {dealerId} 已暂停（{reason}）' },
  DealerReinstated: { en: 'Dealer {dealerId} was reinstated ({reason})', zh: '经销商 {dealerId} 已恢复（{reason}）' },
  DealerExited: { en: 'Dealer {dealerId} left the channel ({reason})', zh: '经销商 {dealerId} 已清退（{reason}）' },

  OutletRegistered: {
    en: 'Outlet {outletId} of {dealerId} was registered in {region}',
    zh: '{dealerId} 的终端 {outletId} 已在 {region} 登记',
  },
  OutletRevised: { en: 'Outlet {outletId} of {dealerId} was revised', zh: '{dealerId} 的终端 {outletId} 已修订' },
  OutletReleased: {
    en: 'Outlet {outletId} left {dealerId} ({reason})',
    zh: '终端 {outletId} 已离开 {dealerId}（{reason}）',
  },
  OutletAssigned: {
    en: 'Outlet {outletId} came to {dealerId} ({reason})',
    zh: '终端 {outletId} 已归属 {dealerId}（{reason}）',
  },
  OutletClosed: {
    en: 'Outlet {outletId} of {dealerId} was closed ({reason})',
    zh: '{dealerId} 的终端 {outletId} 已关闭（{reason}）',
  },
  SellOutReported: {
    en: '{dealerId} reported sales to consumers from {from} to {to}: {number}, revision {revision}, {lines} lines',
    zh: '{dealerId} 上报 {from} 至 {to} 的终端销售：{number} 第 {revision} 版，{lines} 行',
  },
  SellOutWithdrawn: {
    en: 'Revision {revision} of sell-out report {number} of {dealerId} counts no more ({reason})',
    zh: '{dealerId} 的终端销售报告 {number} 第 {revision} 版不再计入（{reason}）',
  },

  SerialCommissioned: { en: 'Code {serial} ({kind}) was issued', zh: '编码 {serial}（{kind}）已赋码' },
  SerialPacked: { en: '{serial} was packed into {parent}', zh: '{serial} 已装入 {parent}' },
  SerialTakenOut: {
    en: '{serial} was taken out of {parent} ({reason})',
    zh: '{serial} 已从 {parent} 取出（{reason}）',
  },
  ContainerUnpacked: { en: 'Container {serial} was emptied', zh: '外箱 {serial} 已拆空' },
  SerialShipped: { en: '{serial} was shipped to {dealerId}', zh: '{serial} 已发往 {dealerId}' },
  SerialReceived: { en: '{serial} was received by {dealerId}', zh: '{dealerId} 已收到 {serial}' },
  SerialTransferred: {
    en: '{serial} goes from {fromDealerId} to {dealerId} under transfer {transferId}',
    zh: '{serial} 按调拨单 {transferId} 由 {fromDealerId} 调往 {dealerId}',
  },
  SerialReturned: {
    en: '{serial} came back from {dealerId} ({reason})',
    zh: '{serial} 由 {dealerId} 退回（{reason}）',
  },
  ScanObserved: { en: '{serial} was scanned ({role})', zh: '{serial} 被扫码（{role}）' },
  UnknownSerialScanned: {
    en: 'The unknown code {serial} was scanned ({role})',
    zh: '未知编码 {serial} 被扫码（{role}）',
  },

  PriceListPublished: {
    en: 'Price list {listId} was published ({level}, {currency})',
    zh: '价目表 {listId} 已发布（{level}，{currency}）',
  },
  PriceListWithdrawn: { en: 'Price list {listId} was withdrawn ({reason})', zh: '价目表 {listId} 已撤销（{reason}）' },
  PricingStrategyChosen: { en: '{companyId} prices by {strategy}', zh: '{companyId} 的取价策略为 {strategy}' },
  PriceChanged: {
    en: '{sku} on {listId} costs {newPrice} {currency} per {unit} from {effectiveAt}',
    zh: '{listId} 中 {sku} 自 {effectiveAt} 起价格为 {newPrice} {currency}/{unit}',
  },
  PriceEnded: {
    en: '{sku} has no price on {listId} from {effectiveAt}',
    zh: '自 {effectiveAt} 起 {listId} 中 {sku} 无价格',
  },
  PromotionScheduled: {
    en: 'Promotion {promotionId} runs from {startsAt} to {endsAt}',
    zh: '促销 {promotionId} 自 {startsAt} 至 {endsAt}',
  },
  PromotionCancelled: {
    en: 'Promotion {promotionId} was cancelled ({reason})',
    zh: '促销 {promotionId} 已取消（{reason}）',
  },

  OrderDrafted: {
    en: 'Order {orderId} of {dealerId} was drafted with {lines} lines',
    zh: '{dealerId} 起草订单 {orderId}，共 {lines} 行',
  },
  OrderPlaced: {
    en: '{dealerId} placed order {orderId} with {lines} lines in {currency}',
    zh: '{dealerId} 下达订单 {orderId}，共 {lines} 行，币种 {currency}',
  },
  OrderAdopted: { en: 'Recorded order {orderId} entered the normal flow', zh: '已记录的订单 {orderId} 转入正常流程' },
  OrderConfirmed: { en: 'Order {orderId} was answered on {lines} lines', zh: '订单 {orderId} 已确认 {lines} 行' },
  BackorderFilled: {
    en: 'Backorders of order {orderId} were filled on {lines} lines',
    zh: '订单 {orderId} 的欠交 {lines} 行已补足',
  },
  LinesAllocated: {
    en: 'Goods were allocated to {lines} lines of order {orderId}',
    zh: '已为订单 {orderId} 的 {lines} 行分配货物',
  },
  OrderHeld: { en: 'Order {orderId} is on hold ({kind}, {reason})', zh: '订单 {orderId} 已冻结（{kind}，{reason}）' },
  OrderHoldReleased: {
    en: 'The {kind} hold of order {orderId} was released ({reason})',
    zh: '订单 {orderId} 的 {kind} 冻结已放行（{reason}）',
  },
  OrderAmended: {
    en: 'Order {orderId} was amended on {lines} lines ({reason})',
    zh: '订单 {orderId} 已变更 {lines} 行（{reason}）',
  },
  PriceOverrideApproved: {
    en: 'The price of line {lineNo} of order {orderId} was approved by {actor} ({reason})',
    zh: '{actor} 批准订单 {orderId} 第 {lineNo} 行的特价（{reason}）',
  },
  RepriceApplied: {
    en: '{lines} lines of order {orderId} were priced anew ({reason})',
    zh: '订单 {orderId} 的 {lines} 行已重新取价（{reason}）',
  },
  OrderLinesCancelled: {
    en: '{lines} lines of order {orderId} were cancelled, whole or in part ({reason})',
    zh: '订单 {orderId} 的 {lines} 行已（部分）取消（{reason}）',
  },
  OrderCancelled: { en: 'Order {orderId} was cancelled ({reason})', zh: '订单 {orderId} 已取消（{reason}）' },
  ShipmentDispatched: {
    en: 'Shipment {shipmentId} of order {orderId} left with {lines} lines',
    zh: '订单 {orderId} 的发货单 {shipmentId} 已发出，共 {lines} 行',
  },
  ShipmentDelivered: {
    en: 'Shipment {shipmentId} of order {orderId} was delivered',
    zh: '订单 {orderId} 的发货单 {shipmentId} 已签收',
  },
  ShipmentLost: {
    en: 'Goods of shipment {shipmentId} of order {orderId} were lost ({remedy})',
    zh: '订单 {orderId} 的发货单 {shipmentId} 有货物丢失（{remedy}）',
  },
  ReturnAuthorised: {
    en: 'Return {returnId} of order {orderId} was authorised ({reason})',
    zh: '订单 {orderId} 的退货 {returnId} 已授权（{reason}）',
  },
  GoodsReturned: {
    en: 'Goods of return {returnId} of order {orderId} came back',
    zh: '订单 {orderId} 的退货 {returnId} 已收到',
  },
  OrderClosed: { en: 'Order {orderId} was closed ({reason})', zh: '订单 {orderId} 已关闭（{reason}）' },

  FulfilmentStarted: { en: 'Fulfilment of order {orderId} started', zh: '订单 {orderId} 开始履行' },
  FulfilmentRetried: {
    en: 'Fulfilment of order {orderId} was tried again (attempt {attempt}, {cause})',
    zh: '订单 {orderId} 重新履行（第 {attempt} 次，{cause}）',
  },
  FulfilmentRetryRequested: {
    en: 'Another fulfilment attempt of order {orderId} will follow ({cause})',
    zh: '订单 {orderId} 将再次尝试履行（{cause}）',
  },
  CreditReservationConfirmed: { en: 'Credit was reserved for order {orderId}', zh: '订单 {orderId} 已占用授信额度' },
  CreditReservationRefused: {
    en: 'Credit for order {orderId} was refused ({code})',
    zh: '订单 {orderId} 的授信占用被拒绝（{code}）',
  },
  StockLineReserved: {
    en: '{sku} was reserved for order {orderId} at {location}',
    zh: '已在 {location} 为订单 {orderId} 预留 {sku}',
  },
  StockLineShort: {
    en: '{sku} is short for order {orderId} at {location}',
    zh: '{location} 的 {sku} 不足以满足订单 {orderId}',
  },
  FulfilmentConfirmed: {
    en: 'Fulfilment of order {orderId} reached its quantities',
    zh: '订单 {orderId} 的履行数量已确定',
  },
  FulfilmentStepRefused: {
    en: 'Step {step} of the fulfilment of order {orderId} was refused ({code})',
    zh: '订单 {orderId} 履行步骤 {step} 被拒绝（{code}）',
  },
  StockLineAllocated: {
    en: '{sku} was allocated to order {orderId} at {location}',
    zh: '已在 {location} 为订单 {orderId} 分配 {sku}',
  },
  FulfilmentDeadlinePassed: {
    en: 'Fulfilment of order {orderId} missed its deadline ({phase})',
    zh: '订单 {orderId} 的履行已超时（{phase}）',
  },
  CompensationStarted: {
    en: 'Fulfilment of order {orderId} is taken back ({reason})',
    zh: '订单 {orderId} 的履行开始回退（{reason}）',
  },
  FulfilmentStepDone: {
    en: 'Step {step} of the fulfilment of order {orderId} is done',
    zh: '订单 {orderId} 履行步骤 {step} 已完成',
  },
  CompensationCompleted: { en: 'Fulfilment of order {orderId} was taken back', zh: '订单 {orderId} 的履行已回退' },
  FulfilmentCompleted: {
    en: 'Fulfilment of order {orderId} ended: {outcome}',
    zh: '订单 {orderId} 履行结束：{outcome}',
  },

  StockRulesSet: {
    en: 'Stock rules of {sku} at {party}/{location} were set',
    zh: '{party}/{location} 的 {sku} 库存规则已设定',
  },
  StockOpened: {
    en: '{sku} at {party}/{location} opens with {quantity}',
    zh: '{party}/{location} 的 {sku} 期初数量 {quantity}',
  },
  StockReceived: { en: '{sku} was received at {party}/{location}', zh: '{party}/{location} 收到 {sku}' },
  StockIssued: { en: '{sku} was issued from {party}/{location}', zh: '{party}/{location} 发出 {sku}' },
  StockTransferredOut: {
    en: '{sku} left {party}/{location} on transfer {transferId}',
    zh: '{sku} 随调拨单 {transferId} 离开 {party}/{location}',
  },
  StockTransferredIn: {
    en: '{sku} arrived at {party}/{location} on transfer {transferId}',
    zh: '{sku} 随调拨单 {transferId} 到达 {party}/{location}',
  },
  ResaleReported: { en: '{party} reported resale of {sku}', zh: '{party} 上报 {sku} 终端销售' },
  GoodsReturnedToStock: {
    en: '{sku} came back to stock at {party}/{location}',
    zh: '{sku} 退回 {party}/{location} 库存',
  },
  StockScrapped: {
    en: '{sku} was scrapped at {party}/{location} ({reason})',
    zh: '{party}/{location} 报废 {sku}（{reason}）',
  },
  StockCounted: { en: '{sku} was counted at {party}/{location}', zh: '{party}/{location} 盘点 {sku}' },
  StockReported: { en: '{party} reported its stock of {sku}', zh: '{party} 上报 {sku} 库存' },
  StockReserved: {
    en: '{sku} at {party}/{location} was reserved for order {orderId}',
    zh: '{party}/{location} 的 {sku} 已为订单 {orderId} 预留',
  },
  ReservationReleased: {
    en: 'A reservation of {sku} for order {orderId} was released ({reason})',
    zh: '订单 {orderId} 对 {sku} 的预留已释放（{reason}）',
  },
  ReservationExpired: {
    en: 'A reservation of {sku} for order {orderId} expired',
    zh: '订单 {orderId} 对 {sku} 的预留已过期',
  },
  StockAllocated: {
    en: '{sku} at {party}/{location} was allocated to order {orderId}',
    zh: '{party}/{location} 的 {sku} 已分配给订单 {orderId}',
  },
  StockDeallocated: {
    en: 'An allocation of {sku} to order {orderId} was undone ({reason})',
    zh: '订单 {orderId} 对 {sku} 的分配已撤销（{reason}）',
  },
  StockBackorderChanged: {
    en: 'What order {orderId} waits for of {sku} changed',
    zh: '订单 {orderId} 欠交的 {sku} 数量已变化',
  },
  StockBlocked: {
    en: '{quantity} of {sku} at {party}/{location} were blocked ({reason})',
    zh: '{party}/{location} 的 {sku} 已冻结 {quantity}（{reason}）',
  },
  StockUnblocked: {
    en: '{quantity} of {sku} at {party}/{location} were unblocked ({reason})',
    zh: '{party}/{location} 的 {sku} 已解冻 {quantity}（{reason}）',
  },
  SupplyExpected: {
    en: '{quantity} of {sku} are expected at {party}/{location}',
    zh: '{party}/{location} 预计到货 {sku} {quantity}',
  },
  SupplyShipped: {
    en: '{quantity} of {sku} are on their way to {party}/{location}',
    zh: '{sku} {quantity} 正运往 {party}/{location}',
  },
  SupplyReduced: {
    en: 'Expected supply of {sku} at {party}/{location} fell ({reason})',
    zh: '{party}/{location} 的 {sku} 预计到货减少（{reason}）',
  },
  ReplenishmentPolicySet: {
    en: 'Reorder point of {sku} at {party}/{location} is {reorderPoint}',
    zh: '{party}/{location} 的 {sku} 再订货点为 {reorderPoint}',
  },
  LowStockDetected: {
    en: '{sku} at {party}/{location} is {level}: position {position}, reorder point {reorderPoint}',
    zh: '{party}/{location} 的 {sku} 库存不足（{level}）：库存位置 {position}，再订货点 {reorderPoint}',
  },
  StockReplenished: {
    en: '{sku} at {party}/{location} is sufficient again',
    zh: '{party}/{location} 的 {sku} 库存已恢复充足',
  },
  TransferRequested: {
    en: 'Transfer {transferId} of {lines} lines was requested ({reason})',
    zh: '已申请调拨 {transferId}，共 {lines} 行（{reason}）',
  },
  TransferDispatched: { en: 'Transfer {transferId} left', zh: '调拨 {transferId} 已发出' },
  TransferReceived: { en: 'Goods of transfer {transferId} arrived', zh: '调拨 {transferId} 的货物已到达' },
  TransferLost: {
    en: 'Goods of transfer {transferId} were lost ({reason})',
    zh: '调拨 {transferId} 有货物丢失（{reason}）',
  },
  TransferCancelled: {
    en: 'Transfer {transferId} was cancelled ({reason})',
    zh: '调拨 {transferId} 已取消（{reason}）',
  },
  TransferCompleted: { en: 'Transfer {transferId} is complete', zh: '调拨 {transferId} 已完成' },

  AccountMemberAttached: {
    en: 'Dealer {dealerId} belongs to credit account {accountId}',
    zh: '经销商 {dealerId} 归属信用账户 {accountId}',
  },
  CreditLimitSet: {
    en: 'The credit limit of {party} is {amount} minor units of {currency}',
    zh: '{party} 的授信额度为 {amount}（{currency} 最小单位）',
  },
  CreditReserved: {
    en: 'Credit of {amount} minor units of {currency} is reserved for order {orderId}',
    zh: '订单 {orderId} 占用授信 {amount}（{currency} 最小单位）',
  },
  CreditReservationAdjusted: {
    en: 'The credit reserved for order {orderId} changed by {by} minor units of {currency}',
    zh: '订单 {orderId} 占用的授信变动 {by}（{currency} 最小单位）',
  },
  CreditReservationReleased: {
    en: 'The credit reserved for order {orderId} was released ({reason})',
    zh: '订单 {orderId} 占用的授信已释放（{reason}）',
  },
  CreditCleared: {
    en: 'Order {orderId} passed the credit check at {checkPoint}',
    zh: '订单 {orderId} 通过 {checkPoint} 环节的信用检查',
  },
  CreditHoldPlaced: { en: 'Credit hold on {party} ({kind})', zh: '{party} 被信用冻结（{kind}）' },
  CreditHoldReleased: {
    en: 'Credit hold on {party} was released ({cause})',
    zh: '{party} 的信用冻结已放行（{cause}）',
  },
  CreditOverrideApproved: {
    en: '{actor} lets order {orderId} pass up to {upTo} minor units of {currency}',
    zh: '{actor} 批准订单 {orderId} 在 {upTo}（{currency} 最小单位）以内放行',
  },
  OrderValueDelivered: {
    en: 'Goods of order {orderId} worth {amount} minor units of {currency} arrived',
    zh: '订单 {orderId} 价值 {amount}（{currency} 最小单位）的货物已到达',
  },
  OrderValueReturned: {
    en: 'Goods of order {orderId} worth {amount} minor units of {currency} came back before their invoice',
    zh: '订单 {orderId} 价值 {amount}（{currency} 最小单位）的货物在开票前退回',
  },

  InvoiceIssued: {
    en: 'Invoice {invoiceId} over {gross} minor units of {currency} was issued to {dealerId}, due {dueOn}',
    zh: '已向 {dealerId} 开具发票 {invoiceId}，金额 {gross}（{currency} 最小单位），到期日 {dueOn}',
  },
  InvoiceCancelled: {
    en: 'Invoice {invoiceId} of {dealerId} was cancelled ({reason})',
    zh: '{dealerId} 的发票 {invoiceId} 已作废（{reason}）',
  },
  PaymentReceived: {
    en: '{dealerId} paid {amount} minor units of {currency} ({paymentId})',
    zh: '{dealerId} 回款 {amount}（{currency} 最小单位，{paymentId}）',
  },
  PaymentAllocated: {
    en: '{amount} minor units of payment {paymentId} pay invoice {invoiceId}',
    zh: '付款 {paymentId} 中 {amount}（最小单位）核销发票 {invoiceId}',
  },
  PaymentUnallocated: {
    en: '{amount} minor units of payment {paymentId} no longer pay invoice {invoiceId} ({reason})',
    zh: '付款 {paymentId} 对发票 {invoiceId} 的核销 {amount}（最小单位）已取消（{reason}）',
  },
  PaymentReversed: {
    en: 'Payment {paymentId} of {dealerId} was reversed ({reason})',
    zh: '{dealerId} 的付款 {paymentId} 已冲回（{reason}）',
  },
  CreditNoteIssued: {
    en: 'Credit note {creditNoteId} over {amount} minor units of {currency} for {dealerId} ({reason})',
    zh: '已为 {dealerId} 开具贷项通知单 {creditNoteId}，金额 {amount}（{currency} 最小单位，{reason}）',
  },
  CreditNoteExpired: {
    en: '{amount} minor units of {currency} of credit note {creditNoteId} were not used in time',
    zh: '贷项通知单 {creditNoteId} 有 {amount}（{currency} 最小单位）逾期未用而失效',
  },
  CreditNoteApplied: {
    en: '{amount} minor units of credit note {creditNoteId} lower invoice {invoiceId}',
    zh: '贷项通知单 {creditNoteId} 中 {amount}（最小单位）冲抵发票 {invoiceId}',
  },

  CalendarDefined: {
    en: 'Calendar {calendarId} was defined ({kind}, {zone})',
    zh: '日历 {calendarId} 已设立（{kind}，{zone}）',
  },
  PeriodOpened: { en: 'Period {periodId} of {calendarId} was opened', zh: '{calendarId} 的期间 {periodId} 已开启' },
  PeriodClosed: { en: 'Period {periodId} of {calendarId} was closed', zh: '{calendarId} 的期间 {periodId} 已关闭' },
  ExchangeRatePublished: {
    en: 'One {base} is {rate} {quote} ({kind}) from {effectiveAt}',
    zh: '自 {effectiveAt} 起 1 {base} 兑 {rate} {quote}（{kind}）',
  },

  RebateProgrammeDrafted: { en: 'Rebate programme {programmeId} was drafted', zh: '返利方案 {programmeId} 已起草' },
  RebateProgrammeActivated: { en: 'Rebate programme {programmeId} is active', zh: '返利方案 {programmeId} 已生效' },
  RebateProgrammeAmended: { en: 'Rebate programme {programmeId} was amended', zh: '返利方案 {programmeId} 已变更' },
  RebateProgrammeEnded: {
    en: 'Rebate programme {programmeId} ends at {endsAt}',
    zh: '返利方案 {programmeId} 于 {endsAt} 终止',
  },
  MemberEnrolled: {
    en: '{dealerId} is a member of programme {programmeId} from {from}',
    zh: '{dealerId} 自 {from} 起参加返利方案 {programmeId}',
  },
  MemberWithdrawn: {
    en: '{dealerId} is no member of programme {programmeId} from {until}',
    zh: '{dealerId} 自 {until} 起退出返利方案 {programmeId}',
  },
  EvidenceRecorded: {
    en: 'Evidence {evidenceId} ({kind}) of {dealerId} was recorded',
    zh: '已登记 {dealerId} 的举证 {evidenceId}（{kind}）',
  },
  EvidenceWithdrawn: {
    en: 'Evidence {evidenceId} ({kind}) of {dealerId} was withdrawn',
    zh: '{dealerId} 的举证 {evidenceId}（{kind}）已撤回',
  },
  EvaluationRecorded: {
    en: '{dealerId} scored {score} in {evaluation} for {periodId}',
    zh: '{dealerId} 在 {periodId} 的 {evaluation} 评价为 {score}',
  },
  EvaluationDefined: {
    en: '{companyId} defined version {version} of the evaluation {evaluation}',
    zh: '{companyId} 定义了评价 {evaluation} 第 {version} 版',
  },
  ResalePricePolicySet: {
    en: 'The resale price policy of {companyId} is {resalePriceEnforcement}: {restsOn}',
    zh: '{companyId} 的转售价格政策为 {resalePriceEnforcement}：{restsOn}',
  },
  ForecastPolicySet: {
    en: '{companyId} forecasts demand {horizon} months ahead',
    zh: '{companyId} 每月预测未来 {horizon} 个月的需求',
  },
  ForecastPublished: {
    en: 'The demand of {dealerId} after {seenMonth} was forecast, {lines} products (part {part} of {parts})',
    zh: '已发布 {dealerId} 在 {seenMonth} 之后的需求预测，共 {lines} 个产品（第 {part}/{parts} 部分）',
  },
  DemandJudged: {
    en: 'The demand of {dealerId} in {month} was held against its forecast: {outside} of {series} products outside the usual',
    zh: '已将 {dealerId} 在 {month} 的需求与预测核对：{series} 个产品中有 {outside} 个超出常态',
  },
  StockPlanPolicySet: {
    en: '{companyId} plans stock from its forecasts: too much is more than {excessDays} days, dead is still for {deadDays} days',
    zh: '{companyId} 按预测规划库存：超过 {excessDays} 天为过剩，{deadDays} 天无动销为呆滞',
  },
  StockPlanned: {
    en: 'The stock of {party} was planned after {seenMonth}, {lines} products (part {part} of {parts})',
    zh: '已发布 {party} 在 {seenMonth} 之后的库存计划，共 {lines} 个产品（第 {part}/{parts} 部分）',
  },
  StockAdviceGiven: {
    en: 'The stock of {sku} at {party} is {advice}: {position} in all, {available} free',
    zh: '{party} 的 {sku} 库存状态为 {advice}：合计 {position}，可用 {available}',
  },
  StockAdviceWithdrawn: {
    en: 'The stock of {sku} at {party} is no longer {advice}',
    zh: '{party} 的 {sku} 库存状态不再是 {advice}',
  },
  HealthModelDefined: {
    en: '{companyId} defined version {version} of how the health of dealers is told',
    zh: '{companyId} 定义了渠道健康模型第 {version} 版',
  },
  DealerEvaluated: {
    en: '{dealerId} was evaluated for {periodId} by version {modelVersion} of the health model',
    zh: '已按健康模型第 {modelVersion} 版评价 {dealerId} 的 {periodId}',
  },
  StackingDefined: {
    en: 'Stacking group {groupId} has a new order from {effectiveFrom}',
    zh: '叠加组 {groupId} 自 {effectiveFrom} 起采用新的计算顺序',
  },
  TargetSet: {
    en: 'The target of {dealerId} in {programmeId}, {periodId} is {amount}',
    zh: '{dealerId} 在 {programmeId} {periodId} 的目标为 {amount}',
  },
  TargetRevised: {
    en: 'The target of {dealerId} in {programmeId}, {periodId} is now {amount} instead of {before}',
    zh: '{dealerId} 在 {programmeId} {periodId} 的目标由 {before} 调整为 {amount}',
  },
  BaselineFixed: {
    en: 'Growth of {dealerId} in {programmeId}, {periodId} is counted from {amount}',
    zh: '{dealerId} 在 {programmeId} {periodId} 的增长基期为 {amount}',
  },
  AccrualPosted: {
    en: 'Accrual of {amount} minor units of {currency} for {dealerId} in {programmeId}, {periodId}',
    zh: '{programmeId} {periodId} 为 {dealerId} 预提 {amount}（{currency} 最小单位）',
  },
  AccrualReversed: {
    en: 'Accrual of {amount} minor units of {currency} for {dealerId} in {programmeId}, {periodId} was reversed',
    zh: '{programmeId} {periodId} 冲回 {dealerId} 的预提 {amount}（{currency} 最小单位）',
  },
  SettlementCalculated: {
    en: '{kind} settlement {settlementNo} of {dealerId} in {programmeId}, {periodId}: {due} minor units of {currency} due',
    zh: '{dealerId} 在 {programmeId} {periodId} 的 {kind} 结算 {settlementNo}：应付 {due}（{currency} 最小单位）',
  },
  SettlementEndorsed: {
    en: 'Settlement {settlementNo} of {dealerId} in {programmeId}, {periodId} has its first approval: {amount} minor units of {currency}',
    zh: '{dealerId} 在 {programmeId} {periodId} 的结算 {settlementNo} 已获首次批准：{amount}（{currency} 最小单位）',
  },
  SettlementApproved: {
    en: 'Settlement {settlementNo} of {dealerId} in {programmeId}, {periodId} was approved: {amount} minor units of {currency}',
    zh: '{dealerId} 在 {programmeId} {periodId} 的结算 {settlementNo} 已批准：{amount}（{currency} 最小单位）',
  },
  SettlementCredited: {
    en: 'Settlement {settlementNo} of {dealerId} in {programmeId}, {periodId} was paid by credit note {creditNoteId}',
    zh: '{dealerId} 在 {programmeId} {periodId} 的结算 {settlementNo} 已以贷项通知单 {creditNoteId} 兑付',
  },
  SettlementPaid: {
    en: 'Settlement {settlementNo} of {dealerId} in {programmeId}, {periodId} was paid: {amount} minor units of {currency}',
    zh: '{dealerId} 在 {programmeId} {periodId} 的结算 {settlementNo} 已付款：{amount}（{currency} 最小单位）',
  },
  GoodsGranted: {
    en: 'Goods worth {amount} minor units of {currency} were granted to {dealerId} for settlement {settlementNo} in {programmeId}, {periodId}: order {orderId}',
    zh: '{dealerId} 在 {programmeId} {periodId} 的结算 {settlementNo} 以货补兑付 {amount}（{currency} 最小单位）：订单 {orderId}',
  },
  GrantedGoodsDelivered: {
    en: 'Goods of order {orderId}, worth {amount} minor units of {currency}, paid {dealerId} for {programmeId}, {periodId}',
    zh: '货补订单 {orderId} 已送达 {dealerId}，价值 {amount}（{currency} 最小单位），属 {programmeId} {periodId}',
  },
  GrantedGoodsTakenBack: {
    en: 'Goods of order {orderId}, worth {amount} minor units of {currency}, did not stay with {dealerId}: they are owed again for {programmeId}, {periodId}',
    zh: '货补订单 {orderId} 中价值 {amount}（{currency} 最小单位）的商品未留在 {dealerId}，重新计入 {programmeId} {periodId} 应付',
  },
  GoodsRestReleased: {
    en: 'What no goods were granted for of settlement {settlementNo} of {dealerId} in {programmeId}, {periodId} is credited: {amount} minor units of {currency}',
    zh: '{dealerId} 在 {programmeId} {periodId} 的结算 {settlementNo} 未货补部分转贷项通知单：{amount}（{currency} 最小单位）',
  },
  DisputeOpened: {
    en: 'The {side} disputes settlement {settlementNo} of {dealerId} in {programmeId}, {periodId} by {difference} minor units of {currency}',
    zh: '{side} 对 {dealerId} 在 {programmeId} {periodId} 的结算 {settlementNo} 提出争议：{difference}（{currency} 最小单位）',
  },
  DisputeAnswered: {
    en: 'Dispute {disputeId} about settlement {settlementNo} of {dealerId} in {programmeId}, {periodId} was answered',
    zh: '{dealerId} 在 {programmeId} {periodId} 的结算 {settlementNo} 的争议 {disputeId} 已答复',
  },
  DisputeUpheld: {
    en: 'Dispute {disputeId} of {dealerId} in {programmeId}, {periodId} was upheld: {awarded} minor units of {currency}',
    zh: '{dealerId} 在 {programmeId} {periodId} 的争议 {disputeId} 获支持：{awarded}（{currency} 最小单位）',
  },
  DisputeRejected: {
    en: 'Dispute {disputeId} of {dealerId} in {programmeId}, {periodId} was rejected',
    zh: '{dealerId} 在 {programmeId} {periodId} 的争议 {disputeId} 被驳回',
  },
  DisputeWithdrawn: {
    en: 'Dispute {disputeId} of {dealerId} in {programmeId}, {periodId} was withdrawn',
    zh: '{dealerId} 在 {programmeId} {periodId} 的争议 {disputeId} 已撤回',
  },
  DisputedPartPaid: {
    en: '{amount} minor units of {currency} are paid to {dealerId} in {programmeId}, {periodId} after dispute {disputeId}',
    zh: '争议 {disputeId} 了结后，{programmeId} {periodId} 向 {dealerId} 兑付 {amount}（{currency} 最小单位）',
  },
  ClawbackPosted: {
    en: '{amount} minor units of {currency} are taken back from {dealerId} in {programmeId}, {periodId}',
    zh: '{programmeId} {periodId} 向 {dealerId} 追回 {amount}（{currency} 最小单位）',
  },
  StatementPublished: {
    en: 'Statement {statementNo} of {dealerId} in {currency} was published, version {version}: {closing} minor units owed',
    zh: '{dealerId} 的第 {statementNo} 期对账单（{currency}，版本 {version}）已发布：期末应收 {closing}（最小单位）',
  },
  StatementLinesConfirmed: {
    en: 'The {side} confirmed {lines} lines of statement {statementNo} of {dealerId} in {currency}',
    zh: '{side} 已确认 {dealerId} 第 {statementNo} 期对账单（{currency}）的 {lines} 行',
  },
  StatementLineDisputed: {
    en: 'The {side} disputes statement {statementNo} of {dealerId} in {currency} ({reason}): {claimed} minor units claimed',
    zh: '{side} 对 {dealerId} 第 {statementNo} 期对账单（{currency}）提出异议（{reason}）：主张 {claimed}（最小单位）',
  },
  StatementDisputeSettled: {
    en: 'Dispute {disputeId} on statement {statementNo} of {dealerId} in {currency} was {outcome}',
    zh: '{dealerId} 第 {statementNo} 期对账单（{currency}）的异议 {disputeId} 已处理：{outcome}',
  },
  StatementConfirmed: {
    en: 'The {side} confirmed statement {statementNo} of {dealerId} in {currency}, version {version}',
    zh: '{side} 已确认 {dealerId} 第 {statementNo} 期对账单（{currency}，版本 {version}）',
  },
  ChartOfAccountsDefined: {
    en: 'Company {companyId} has a new chart of accounts, version {version}',
    zh: '公司 {companyId} 的会计科目设置已更新（版本 {version}）',
  },
  PostingsExported: {
    en: 'Batch {batchNo} of {companyId} with {count} postings left for the general ledger',
    zh: '公司 {companyId} 的第 {batchNo} 批凭证（{count} 条）已导出',
  },
  PostingsAcknowledged: {
    en: 'The general ledger has taken batch {batchNo} of {companyId} as {reference}',
    zh: '总账已接收公司 {companyId} 的第 {batchNo} 批凭证，编号 {reference}',
  },
  PostingsRejected: {
    en: 'The general ledger rejected batch {batchNo} of {companyId} ({reason})',
    zh: '总账拒收公司 {companyId} 的第 {batchNo} 批凭证（{reason}）',
  },

  PricePolicySet: {
    en: 'The price policy of {companyId} has version {version}',
    zh: '{companyId} 的价格政策已有第 {version} 版',
  },
  PricePolicyEnded: {
    en: 'Version {version} of the price policy of {companyId} ends at {endsAt}',
    zh: '{companyId} 的价格政策第 {version} 版于 {endsAt} 终止',
  },
  MarketPriceObserved: {
    en: '{sku} was seen in the market at {price} {currency} ({offer})',
    zh: '市场上观察到 {sku} 的价格为 {price} {currency}（{offer}）',
  },
  ViolationDetected: {
    en: 'A case {kind} of {dealerId} was found: {violationId}',
    zh: '发现 {dealerId} 的 {kind} 案件：{violationId}',
  },
  ViolationNotified: {
    en: 'Case {violationId} was put to {dealerId}, who may explain until {explainUntil}',
    zh: '案件 {violationId} 已通知 {dealerId}，说明期限至 {explainUntil}',
  },
  ViolationExplained: {
    en: '{dealerId} explained case {violationId}',
    zh: '{dealerId} 已就案件 {violationId} 作出说明',
  },
  ViolationConfirmed: {
    en: 'Case {violationId} of {dealerId} was confirmed; {repeats} of the kind came before it',
    zh: '{dealerId} 的案件 {violationId} 已确认，此前同类 {repeats} 次',
  },
  ViolationDismissed: {
    en: 'Case {violationId} of {dealerId} was dismissed ({reason})',
    zh: '{dealerId} 的案件 {violationId} 已撤销（{reason}）',
  },
  ViolationRemedied: {
    en: 'Case {violationId} of {dealerId} was remedied ({remedy})',
    zh: '{dealerId} 的案件 {violationId} 已整改（{remedy}）',
  },
  ViolationClosed: {
    en: 'Case {violationId} of {dealerId} was closed',
    zh: '{dealerId} 的案件 {violationId} 已结案',
  },
  ClaimsPolicySet: {
    en: 'The terms of claims of {companyId} have version {version}',
    zh: '{companyId} 的补差条款已更新为第 {version} 版',
  },
  AgreementMade: {
    en: '{kind} agreement {agreementId} with {dealerId} on {sku}: {contractPrice} {currency} for {endCustomer}, up to {quantity}',
    zh: '与 {dealerId} 就 {sku} 签订 {kind} 协议 {agreementId}：向 {endCustomer} 供货价 {contractPrice} {currency}，数量上限 {quantity}',
  },
  AgreementEnded: {
    en: 'Agreement {agreementId} with {dealerId} on {sku} ends at {endsAt} ({reason})',
    zh: '与 {dealerId} 就 {sku} 的协议 {agreementId} 于 {endsAt} 终止（{reason}）',
  },
  ClaimSubmitted: {
    en: 'Claim {claimId} of {dealerId} on {quantity} of {sku}: {amount} minor units of {currency}',
    zh: '{dealerId} 就 {quantity} 件 {sku} 的补差申报 {claimId}：{amount}（{currency} 最小单位）',
  },
  ClaimValidated: {
    en: 'The proofs of claim {claimId} of {dealerId} on {sku} hold',
    zh: '{dealerId} 就 {sku} 的申报 {claimId} 凭证核验通过',
  },
  ClaimEndorsed: {
    en: 'Claim {claimId} of {dealerId} on {sku} has its first approval: {amount} minor units',
    zh: '{dealerId} 就 {sku} 的申报 {claimId} 已获首次批准：{amount}（最小单位）',
  },
  ClaimApproved: {
    en: 'Claim {claimId} of {dealerId} on {sku} was approved: {amount} minor units of {currency}',
    zh: '{dealerId} 就 {sku} 的申报 {claimId} 已批准：{amount}（{currency} 最小单位）',
  },
  ClaimPartlyApproved: {
    en: 'Of claim {claimId} of {dealerId} on {sku}, {amount} of {claimed} minor units of {currency} were approved ({reason})',
    zh: '{dealerId} 就 {sku} 的申报 {claimId} 部分批准：{claimed} 中的 {amount}（{currency} 最小单位，{reason}）',
  },
  ClaimRejected: {
    en: 'Claim {claimId} of {dealerId} on {sku} was rejected ({reason})',
    zh: '{dealerId} 就 {sku} 的申报 {claimId} 已驳回（{reason}）',
  },
  ClaimWithdrawn: {
    en: 'Claim {claimId} of {dealerId} on {sku} was withdrawn',
    zh: '{dealerId} 已撤回就 {sku} 的申报 {claimId}',
  },
  ClaimPaid: {
    en: 'Claim {claimId} of {dealerId} on {sku} is settled by {outlet}: {amount} minor units of {currency}',
    zh: '{dealerId} 就 {sku} 的申报 {claimId} 已以 {outlet} 兑付：{amount}（{currency} 最小单位）',
  },
  ProtectionNotDue: {
    en: 'The list price of {sku} rose from {oldPrice} to {newPrice} {currency}: nothing is charged to {dealerId} for {quantity}',
    zh: '{sku} 列表价由 {oldPrice} 涨至 {newPrice} {currency}：{dealerId} 的 {quantity} 件库存不予补收',
  },
  ProofTaken: {
    en: 'A document of {dealerId} stands for claim {claimId}',
    zh: '{dealerId} 的一份凭证用于申报 {claimId}',
  },
  ProofReleased: {
    en: 'A document of {dealerId} no longer stands for claim {claimId}',
    zh: '{dealerId} 的一份凭证不再用于申报 {claimId}',
  },
  FundBudgeted: {
    en: 'Fund {fundId} for {dealerId} begins with {budget} minor units of {currency}',
    zh: '为 {dealerId} 设立基金 {fundId}，预算 {budget}（{currency} 最小单位）',
  },
  FundBudgetRevised: {
    en: 'Fund {fundId} of {dealerId} holds {budget} minor units of {currency} instead of {before} ({reason})',
    zh: '{dealerId} 的基金 {fundId} 预算由 {before} 调整为 {budget}（{currency} 最小单位，{reason}）',
  },
  FundAccrued: {
    en: 'Sales of {periodId} added {amount} minor units of {currency} to fund {fundId} of {dealerId}',
    zh: '{periodId} 的销售为 {dealerId} 的基金 {fundId} 计提 {amount}（{currency} 最小单位）',
  },
  FundActivityRequested: {
    en: '{dealerId} asks fund {fundId} for {amount} minor units of {currency} for activity {activityId}',
    zh: '{dealerId} 向基金 {fundId} 申请活动 {activityId}：{amount}（{currency} 最小单位）',
  },
  FundCommitted: {
    en: 'Fund {fundId} commits {amount} minor units of {currency} to activity {activityId} of {dealerId}',
    zh: '基金 {fundId} 为 {dealerId} 的活动 {activityId} 承诺 {amount}（{currency} 最小单位）',
  },
  FundActivityDeclined: {
    en: 'Activity {activityId} of {dealerId} was declined ({reason})',
    zh: '{dealerId} 的活动 {activityId} 未获批准（{reason}）',
  },
  FundReleased: {
    en: '{amount} minor units of {currency} of activity {activityId} of {dealerId} are free again ({reason})',
    zh: '{dealerId} 的活动 {activityId} 释放 {amount}（{currency} 最小单位，{reason}）',
  },
  FundExpired: {
    en: 'Fund {fundId} of {dealerId} is over; {amount} minor units of {currency} expired',
    zh: '{dealerId} 的基金 {fundId} 已结束，{amount}（{currency} 最小单位）失效',
  },
  FundClaimSubmitted: {
    en: '{dealerId} claims {amount} minor units of {currency} for activity {activityId} ({claimId})',
    zh: '{dealerId} 就活动 {activityId} 申报核销 {amount}（{currency} 最小单位，{claimId}）',
  },
  FundClaimValidated: {
    en: 'The proofs of claim {claimId} of {dealerId} on activity {activityId} hold',
    zh: '{dealerId} 就活动 {activityId} 的申报 {claimId} 凭证核验通过',
  },
  FundClaimEndorsed: {
    en: 'Claim {claimId} of {dealerId} on activity {activityId} has its first approval: {amount} minor units of {currency}',
    zh: '{dealerId} 就活动 {activityId} 的申报 {claimId} 已获首次批准：{amount}（{currency} 最小单位）',
  },
  FundClaimApproved: {
    en: 'Of claim {claimId} of {dealerId} on activity {activityId}, {amount} of {claimed} minor units of {currency} were approved',
    zh: '{dealerId} 就活动 {activityId} 的申报 {claimId} 已批准：{claimed} 中的 {amount}（{currency} 最小单位）',
  },
  FundClaimRejected: {
    en: 'Claim {claimId} of {dealerId} on activity {activityId} was rejected ({reason})',
    zh: '{dealerId} 就活动 {activityId} 的申报 {claimId} 已驳回（{reason}）',
  },
  FundClaimWithdrawn: {
    en: 'Claim {claimId} of {dealerId} on activity {activityId} was withdrawn',
    zh: '{dealerId} 已撤回就活动 {activityId} 的申报 {claimId}',
  },
  FundPaymentReleased: {
    en: 'Payment {paymentNo} of claim {claimId} of {dealerId} is released: {amount} minor units of {currency}',
    zh: '{dealerId} 的申报 {claimId} 第 {paymentNo} 笔付款已放行：{amount}（{currency} 最小单位）',
  },
  FundClaimPaid: {
    en: 'Payment {paymentNo} of claim {claimId} of {dealerId} was made by credit note {creditNoteId}',
    zh: '{dealerId} 的申报 {claimId} 第 {paymentNo} 笔付款已以贷项通知单 {creditNoteId} 支付',
  },

  AlertAcknowledged: {
    en: '{actor} acknowledged {kind} of {subject}',
    zh: '{actor} 已确认 {subject} 的提醒（{kind}）',
  },
  AlertSnoozed: {
    en: '{actor} put off {kind} of {subject} until {until}',
    zh: '{actor} 将 {subject} 的提醒（{kind}）推迟至 {until}',
  },
  AlertAssigned: {
    en: '{actor} gave {kind} of {subject} to {assignee}',
    zh: '{actor} 将 {subject} 的提醒（{kind}）交由 {assignee} 处理',
  },
  AlertReopened: { en: '{actor} took up {kind} of {subject} again', zh: '{actor} 重新打开 {subject} 的提醒（{kind}）' },
  AlertRulesSet: {
    en: 'Alert rules of {companyId} for the role {role} have version {version}',
    zh: '{companyId} 对角色 {role} 的提醒规则为第 {version} 版',
  },

  PrincipalRegistered: {
    en: 'Principal {principalId} was registered as {role}',
    zh: '主体 {principalId} 已注册，角色 {role}',
  },
  RoleChanged: { en: 'Principal {principalId} is now {role}', zh: '主体 {principalId} 的角色变更为 {role}' },
  RightsChanged: { en: 'The rights of principal {principalId} changed', zh: '主体 {principalId} 的权限已变更' },
  ApiKeyIssued: { en: 'API key {keyId} of {principalId} was issued', zh: '已为 {principalId} 签发 API 密钥 {keyId}' },
  ApiKeyRevoked: {
    en: 'API key {keyId} of {principalId} was revoked ({reason})',
    zh: '{principalId} 的 API 密钥 {keyId} 已吊销（{reason}）',
  },
  ReadingScopeSet: {
    en: 'What analyst {principalId} may read was set',
    zh: '已设置分析员 {principalId} 的读取范围',
  },
  DatabaseLoginIssued: {
    en: 'Database login {login} of {principalId} was issued',
    zh: '已为 {principalId} 签发数据库登录 {login}',
  },
  DatabaseLoginRevoked: {
    en: 'Database login {login} of {principalId} was revoked ({reason})',
    zh: '{principalId} 的数据库登录 {login} 已吊销（{reason}）',
  },
  PrincipalDisabled: {
    en: 'Principal {principalId} was disabled ({reason})',
    zh: '主体 {principalId} 已停用（{reason}）',
  },
  WebhookRegistered: { en: 'Webhook {webhookId} was registered', zh: 'Webhook {webhookId} 已注册' },
  WebhookSecretRotated: { en: 'Webhook {webhookId} has a new secret', zh: 'Webhook {webhookId} 已更换密钥' },
  WebhookDisabled: { en: 'Webhook {webhookId} was disabled ({reason})', zh: 'Webhook {webhookId} 已停用（{reason}）' },
  WebhookEnabled: { en: 'Webhook {webhookId} was enabled', zh: 'Webhook {webhookId} 已启用' },
  WebhookRemoved: { en: 'Webhook {webhookId} was removed', zh: 'Webhook {webhookId} 已移除' },
}
