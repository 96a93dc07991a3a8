/**
 * The one table of error codes: HTTP status and titles. Decisions refuse with these codes, the API answers with
 * them (RFC 9457), imports report them. Codes are `<room or capability>.<what>`; a code is never reused.
 */
interface ErrorEntry {
  readonly status: number
  readonly en: string
  readonly zh: string
}

const table = {
  // requests
  'request.invalid': { status: 400, en: 'The request does not fit its schema', zh: '请求格式不符合要求' },
  'request.malformed_json': { status: 400, en: 'The body is not valid JSON', zh: '请求正文不是有效的 JSON' },
  'request.too_large': { status: 413, en: 'The request is larger than the limit', zh: '请求超过大小限制' },
  'request.media_type': { status: 415, en: 'The content type is not supported', zh: '不支持的内容类型' },
  'request.route_not_found': { status: 404, en: 'There is no such address', zh: '地址不存在' },
  'request.cursor_invalid': { status: 400, en: 'The page cursor is not valid', zh: '分页游标无效' },
  'request.rate_limited': { status: 429, en: 'Too many requests', zh: '请求过于频繁' },
  'request.as_of_refused': { status: 400, en: 'This read model answers knownAt only', zh: '该读模型仅支持 knownAt' },
  'request.known_at_invalid': {
    status: 400,
    en: 'knownAt is neither a position nor a time of this ledger',
    zh: 'knownAt 不是本账本的位置或时间',
  },
  'request.at_least_invalid': {
    status: 400,
    en: 'atLeast lies beyond the end of this ledger',
    zh: 'atLeast 超出本账本的末尾',
  },
  'auth.required': { status: 401, en: 'Sign in or send an API key', zh: '需要登录或 API 密钥' },
  'auth.invalid': { status: 401, en: 'The token or key is not valid', zh: '令牌或密钥无效' },
  'auth.issuer_unavailable': {
    status: 503,
    en: 'The token issuer is not reachable; try again',
    zh: '令牌签发方暂不可用，请重试',
  },
  'auth.too_many_failures': {
    status: 429,
    en: 'Too many failed sign-ins from this address',
    zh: '该地址登录失败次数过多',
  },
  'auth.forbidden': { status: 403, en: 'Your role may not do this', zh: '您的角色无权执行此操作' },
  // concurrency and idempotency
  'idempotency.key_missing': { status: 400, en: 'Idempotency-Key is required', zh: '缺少 Idempotency-Key' },
  'idempotency.key_reused': {
    status: 422,
    en: 'This Idempotency-Key was used with another request',
    zh: '该 Idempotency-Key 已用于其他请求',
  },
  'idempotency.in_flight': {
    status: 409,
    en: 'A request with this Idempotency-Key is being processed',
    zh: '使用该 Idempotency-Key 的请求正在处理',
  },
  'revision.required': { status: 428, en: 'If-Match with the revision is required', zh: '需要 If-Match 版本号' },
  'revision.conflict': { status: 412, en: 'The object has changed since you read it', zh: '对象已被修改' },
  // the ledger
  'ledger.unavailable': {
    status: 503,
    en: 'The ledger is not reachable; the command may be repeated with the same key',
    zh: '账本暂不可用，可用相同的键重试',
  },
  'ledger.contention': { status: 503, en: 'Too many writers on one stream; try again', zh: '同一对象写入过多，请重试' },
  'ledger.disk_full': { status: 507, en: 'The disk is nearly full; reads go on', zh: '磁盘空间不足，仅可读取' },
  'ledger.event_too_large': { status: 413, en: 'The event is larger than the limit', zh: '事件超过大小限制' },
  'projection.behind': {
    status: 503,
    en: 'The read model has not reached the asked position in time',
    zh: '读模型尚未到达所需位置',
  },
  'projection.still_parked': {
    status: 409,
    en: 'The parked events still cannot be folded',
    zh: '搁置的事件仍无法处理',
  },
  'server.busy': { status: 503, en: 'The server is busy', zh: '服务器繁忙' },
  'server.failed': { status: 500, en: 'Something failed on our side', zh: '服务器内部错误' },
  // every capability
  'object.not_found': { status: 404, en: 'There is no such object', zh: '对象不存在' },
  'object.exists': { status: 409, en: 'It exists already', zh: '对象已存在' },
  'correction.not_correctable': {
    status: 422,
    en: 'An event of this type cannot be declared in error',
    zh: '该类事件不可作废',
  },
  'correction.unknown_event': { status: 404, en: 'This stream has no such event', zh: '该对象没有此事件' },
  'correction.already_declared': { status: 409, en: 'The event was declared in error before', zh: '该事件已被作废' },
  // personal data
  'personal.erased': { status: 409, en: 'The personal data of this person was erased', zh: '该人员的个人数据已被擦除' },
  'metrics.unknown': { status: 404, en: 'There is no such metric', zh: '指标不存在' },
  'metrics.grain': {
    status: 422,
    en: 'The metric cannot be told by what was asked',
    zh: '该指标不支持所选维度',
  },
  'metrics.rate_missing': {
    status: 422,
    en: 'No published exchange rate for the reporting currency',
    zh: '缺少折算为报告币种的汇率',
  },
  'period.closed': { status: 422, en: 'The period is closed', zh: '期间已关闭' },
  'currency.rate_missing': {
    status: 422,
    en: 'There is no exchange rate for this pair and date',
    zh: '缺少该币种的汇率',
  },
  // catalogue
  'catalogue.unknown_sku': { status: 404, en: 'There is no such product', zh: '产品不存在' },
  'catalogue.withdrawn': { status: 422, en: 'The product is withdrawn', zh: '产品已停售' },
  'catalogue.unit_fixed': { status: 422, en: 'The unit of a product cannot change', zh: '产品计量单位不可更改' },
  // dealers
  'dealers.unknown': { status: 404, en: 'There is no such dealer', zh: '经销商不存在' },
  'dealers.not_active': { status: 422, en: 'The dealer is suspended or has exited', zh: '经销商已停用或已清退' },
  'dealers.exited': { status: 409, en: 'The dealer has exited', zh: '经销商已清退' },
  'dealers.parent_required': {
    status: 422,
    en: 'A tier-2 distributor needs a parent and a tier-1 distributor has none',
    zh: '二级代理须有上级，一级代理不得有上级',
  },
  'dealers.parent_invalid': {
    status: 422,
    en: 'The parent must be another, active tier-1 distributor of the same company',
    zh: '上级必须是同一公司的另一家有效一级代理',
  },
  'dealers.tier_causes_missing': { status: 422, en: 'A change of tier names its causes', zh: '等级变更须说明原因' },
  'dealers.territory_unknown': {
    status: 404,
    en: 'There is no such territory at that time',
    zh: '该时点不存在此授权区域',
  },
  'dealers.territory_exclusive': {
    status: 422,
    en: 'The exclusive territory is not granted to this dealer',
    zh: '独家授权区域未授予该经销商',
  },
  'dealers.territory_shared': { status: 422, en: 'A shared territory needs no grant', zh: '共享区域无需独家授予' },
  // outlets and what they sell
  'outlets.unknown': { status: 404, en: 'The dealer has no such outlet at that time', zh: '该时点经销商没有此终端' },
  'outlets.closed': { status: 409, en: 'The outlet is closed', zh: '终端已关闭' },
  'outlets.outside_territory': {
    status: 422,
    en: 'The outlet does not lie in the territory',
    zh: '终端不在授权区域内',
  },
  'sellout.unknown': { status: 404, en: 'There is no such sell-out report', zh: '终端销售报告不存在' },
  'sellout.revision_reused': {
    status: 409,
    en: 'This revision of the report was given before with other content',
    zh: '该版本的报告此前已以不同内容提交',
  },
  'sellout.superseded': {
    status: 409,
    en: 'A later revision of the report is known, or it was withdrawn',
    zh: '该报告已有更新的版本或已撤回',
  },
  'sellout.day_outside': {
    status: 422,
    en: 'A day lies outside the days that the report covers',
    zh: '日期不在报告覆盖的期间内',
  },
  'sellout.day_ahead': {
    status: 422,
    en: 'The report covers days that have not come yet',
    zh: '报告包含尚未到来的日期',
  },
  'sellout.unit_mismatch': {
    status: 422,
    en: 'The product is counted in another unit',
    zh: '计量单位与产品不一致',
  },
  // serial numbers
  'serials.unknown': { status: 404, en: 'The code is not known', zh: '该编码未赋码，系统中不存在' },
  'serials.packed': {
    status: 409,
    en: 'The code is packed: move its container, or take it out first',
    zh: '该编码已装箱：请操作其外箱或先取出',
  },
  'serials.not_listed': {
    status: 422,
    en: 'The container does not name this code among what it holds',
    zh: '外箱的关联清单中没有此编码',
  },
  'serials.no_container': { status: 422, en: 'Nothing like this can be packed into it', zh: '不能装入该编码' },
  'serials.unpacked': {
    status: 409,
    en: 'The container was emptied; its code is used up',
    zh: '外箱已拆空，编码已失效',
  },
  'serials.elsewhere': {
    status: 409,
    en: 'The goods are not where this could happen',
    zh: '货物不在可执行此操作的位置',
  },
  'serials.not_on_its_way': {
    status: 404,
    en: 'No such code is on its way to this dealer',
    zh: '没有发往该经销商的此编码货物',
  },
  'serials.transfer_unauthorised': {
    status: 422,
    en: 'No transfer of these goods between these two was authorised',
    zh: '没有经授权的相应调拨单',
  },
  'serials.consumer_place': {
    status: 422,
    en: 'The place of a consumer is kept to two digits after the point',
    zh: '消费者位置仅保留两位小数',
  },
  // pricing
  'pricing.list_unknown': { status: 404, en: 'There is no such price list', zh: '价目表不存在' },
  'pricing.list_not_effective': {
    status: 422,
    en: 'The price list is not in force at that time',
    zh: '价目表在该时点无效',
  },
  'pricing.window_empty': { status: 422, en: 'The end must come after the start', zh: '结束时间必须晚于开始时间' },
  'pricing.currency_mismatch': {
    status: 422,
    en: 'The price is not in the currency of its list',
    zh: '价格币种与价目表不符',
  },
  'pricing.over_precise': {
    status: 422,
    en: 'The price has more digits than its list declares',
    zh: '价格小数位数超过价目表规定',
  },
  'pricing.breaks_unordered': { status: 422, en: 'Quantity breaks must ascend', zh: '数量阶梯必须递增' },
  'pricing.overlap': {
    status: 422,
    en: 'The price overlaps another of the same list, product and unit',
    zh: '价格有效期与同一价目表、产品、单位的其他价格重叠',
  },
  'pricing.below_floor': { status: 422, en: 'The price is below its floor', zh: '价格低于底价' },
  'pricing.above_ceiling': { status: 422, en: 'The price is above its ceiling', zh: '价格高于限价' },
  'pricing.retroactive': {
    status: 422,
    en: 'A price that takes effect in the past must say so',
    zh: '追溯生效的价格须明确声明',
  },
  'pricing.no_price': {
    status: 422,
    en: 'No price list of this dealer has a price for the product, unit and currency',
    zh: '该经销商的价目表中没有此产品、单位和币种的价格',
  },
  'pricing.quantity_range': {
    status: 422,
    en: 'The largest quantity is below the smallest',
    zh: '最大数量小于最小数量',
  },
  // calendars
  'calendars.unknown': { status: 404, en: 'There is no such calendar', zh: '日历不存在' },
  'calendars.unknown_period': { status: 404, en: 'The calendar has no such period', zh: '日历中没有该期间' },
  'calendars.kind': {
    status: 422,
    en: 'A calendar of this kind is not opened that way',
    zh: '该类日历不可如此开启期间',
  },
  'calendars.overlap': {
    status: 422,
    en: 'The period is empty or overlaps another of its grain',
    zh: '期间为空或与同级期间重叠',
  },
  'calendars.still_open': {
    status: 422,
    en: 'The period or its days of grace have not ended',
    zh: '期间或宽限期尚未结束',
  },
  // rates
  'currency.rate_exists': {
    status: 409,
    en: 'Another rate was published for this instant; declare it in error first',
    zh: '该时点已发布其他汇率，请先作废',
  },
  // access
  'access.unknown_principal': { status: 404, en: 'There is no such principal', zh: '主体不存在' },
  'access.disabled': { status: 409, en: 'The principal is disabled', zh: '主体已停用' },
  'access.not_staff': { status: 422, en: "Rights belong to a dealer's staff only", zh: '仅经销商员工可授予权限' },
  'access.key_expired': { status: 422, en: 'The key would have expired already', zh: '密钥已过期' },
  'access.not_analyst': {
    status: 422,
    en: 'Reading scopes and database logins are for analysts only',
    zh: '仅分析员可设置读取范围和数据库登录',
  },
  'access.too_many_keys': {
    status: 422,
    en: 'The principal has as many valid keys as allowed',
    zh: '有效密钥数量已达上限',
  },
  // webhooks
  'webhooks.unknown': { status: 404, en: 'There is no such webhook', zh: 'Webhook 不存在' },
  'webhooks.secret_reused': { status: 422, en: 'The secret was used before', zh: '该密钥已使用过' },
  // orders
  'orders.unknown': { status: 404, en: 'There is no such order', zh: '订单不存在' },
  'orders.wrong_state': { status: 409, en: 'The order is not in a state for this', zh: '订单当前状态不允许此操作' },
  'orders.granted': {
    status: 409,
    en: 'The order is paid for by a payout in goods: its lines are granted there',
    zh: '该订单为返利货补订单，明细由货补决定',
  },
  'orders.line_unknown': { status: 404, en: 'The order has no such line', zh: '订单中没有该行' },
  'orders.duplicate_line': { status: 422, en: 'A line number occurs twice', zh: '订单行号重复' },
  'orders.quantity': {
    status: 422,
    en: 'The quantity is more than the line has left for this',
    zh: '数量超过该行可用数量',
  },
  'orders.on_hold': { status: 409, en: 'The order is on hold', zh: '订单已被冻结' },
  'orders.price_changed': { status: 409, en: 'The price is not the one that was expected', zh: '价格与预期不符' },
  'orders.price_off_list': { status: 422, en: 'The price is not that of the price book', zh: '价格与价目表不符' },
  'orders.line_value_mismatch': {
    status: 422,
    en: 'Value before discount less discount is not the line value',
    zh: '折前金额减折扣不等于行金额',
  },
  'orders.recorded_only': {
    status: 422,
    en: 'Prices as given are accepted from an import only',
    zh: '仅导入的订单可直接给定价格',
  },
  'orders.line_shipped': {
    status: 409,
    en: 'Part of the line was shipped: its terms stand',
    zh: '该行已部分发货，条款不可更改',
  },
  'orders.not_allocated': { status: 409, en: 'The quantity is not allocated', zh: '数量尚未分配' },
  'orders.over_shipped': { status: 422, en: 'More was shipped than ordered', zh: '发货数量超过订购数量' },
  'orders.shipment_unknown': { status: 404, en: 'The order has no such shipment', zh: '订单中没有该发货单' },
  'orders.shipment_exists': { status: 409, en: 'Another shipment has this number', zh: '发货单号已被使用' },
  'orders.return_not_authorised': { status: 409, en: 'The return was not authorised', zh: '退货未获授权' },
  'orders.over_returned': { status: 422, en: 'More came back than was delivered', zh: '退货数量超过签收数量' },
  'orders.open_quantities': {
    status: 409,
    en: 'Not everything is delivered or cancelled',
    zh: '仍有未交付且未取消的数量',
  },
  // fulfilment
  'fulfilment.unknown': { status: 404, en: 'No fulfilment runs for this order', zh: '该订单没有履约流程' },
  // stock
  'stock.insufficient': { status: 422, en: 'There is not enough stock', zh: '库存不足' },
  'stock.negative': { status: 422, en: 'The stock would fall below zero', zh: '库存将为负数' },
  'stock.overcommitted': { status: 422, en: 'More is promised than there is', zh: '占用量超过在库量' },
  'stock.already_open': { status: 409, en: 'The lot has been opened before', zh: '该批次已有期初库存' },
  'stock.assertion_too_late': {
    status: 422,
    en: 'The count is older than the facts that the level still knows one by one',
    zh: '盘点时间早于可追溯范围',
  },
  'stock.not_blocked': { status: 422, en: 'So much is not blocked', zh: '冻结数量不足' },
  'stock.reservation_unknown': { status: 409, en: 'The reservation has ended or never was', zh: '预留不存在或已结束' },
  'stock.key_mismatch': { status: 409, en: 'The stream belongs to another stock key', zh: '库存标识不一致' },
  // transfers
  'transfers.unknown': { status: 404, en: 'There is no such transfer', zh: '调拨单不存在' },
  'transfers.same_place': {
    status: 422,
    en: 'A transfer goes from one place to another',
    zh: '调出与调入地点不得相同',
  },
  'transfers.wrong_state': {
    status: 409,
    en: 'The transfer is not in a state for this',
    zh: '调拨单当前状态不允许此操作',
  },
  'transfers.quantity': { status: 422, en: 'More than is on its way or was requested', zh: '数量超过在途或申请数量' },
  // credit
  'credit.limit_exceeded': {
    status: 422,
    en: 'The order would take the dealer over its credit limit',
    zh: '订单将超出经销商授信额度',
  },
  'credit.overdue': {
    status: 422,
    en: 'The dealer has invoices that are too long overdue',
    zh: '经销商存在逾期过久的发票',
  },
  'credit.on_hold': { status: 422, en: 'The dealer or the order is on hold', zh: '经销商或订单处于信用冻结状态' },
  'credit.wrong_account': { status: 422, en: 'The party belongs to another account', zh: '该主体属于其他账户' },
  'credit.order_mismatch': {
    status: 409,
    en: 'The order is reserved for another dealer or in another currency',
    zh: '该订单已为其他经销商或以其他币种预留额度',
  },
  'credit.not_reserved': { status: 404, en: 'No credit is reserved for this order', zh: '该订单未预留额度' },
  'credit.still_over_limit': { status: 409, en: 'The party is still over its limit', zh: '该主体仍超出授信额度' },
  // receivables
  'receivables.totals_mismatch': {
    status: 422,
    en: 'The stated totals differ from the sum of the lines',
    zh: '所列合计与明细之和不符',
  },
  'receivables.document_mismatch': {
    status: 422,
    en: 'The documents differ in dealer, company or currency',
    zh: '单据的经销商、公司或币种不一致',
  },
  'receivables.over_allocated': {
    status: 422,
    en: 'More is allocated than the payment or the invoice has left',
    zh: '分配金额超过收款余额或发票未付金额',
  },
  'receivables.over_credited': {
    status: 422,
    en: 'More is credited than the credit note or the invoice has left',
    zh: '抵减金额超过贷项余额或发票未付金额',
  },
  'receivables.credit_expired': { status: 409, en: 'The credit has run out', zh: '该抵减额度已过期' },
  'receivables.credit_lasts': { status: 409, en: 'The credit has not run out yet', zh: '该抵减额度尚未到期' },
  'receivables.settled': { status: 409, en: 'Something was paid or credited on the invoice', zh: '发票已有付款或抵减' },
  'receivables.payment_reversed': { status: 409, en: 'The payment was reversed', zh: '该收款已冲销' },
  // documents
  'documents.too_long': {
    status: 422,
    en: 'The document is too long for this format',
    zh: '文件对该格式而言过长',
  },
  // health
  'health.version_order': {
    status: 409,
    en: 'The versions of a health model are numbered without gaps',
    zh: '健康模型版本须连续编号',
  },
  'health.terms_invalid': { status: 422, en: 'The health model contradicts itself', zh: '健康模型自相矛盾' },
  'health.unknown_model': {
    status: 422,
    en: 'The company has not defined this health model',
    zh: '健康模型版本未定义',
  },
  'health.final': {
    status: 409,
    en: 'The final evaluation of the period stands, and this one differs',
    zh: '该期间已有最终评价，且与本次不同',
  },
  // conduct
  'conduct.document_used': {
    status: 409,
    en: 'The document proves something else already',
    zh: '该文件已用于证明其他事项',
  },
  'conduct.unknown_evaluation': {
    status: 422,
    en: 'The company has not defined this evaluation',
    zh: '公司未定义该评价',
  },
  'conduct.version_order': {
    status: 409,
    en: 'The next version of an evaluation is numbered one higher',
    zh: '评价的新版本号须比当前版本大一',
  },
  'conduct.resale_price': {
    status: 422,
    en: 'What derives from a dealer’s resale price is not kept while the policy is off',
    zh: '政策未开启时，不得留存源自经销商转售价格的评价',
  },
  // rebates
  'rebates.terms_invalid': { status: 422, en: 'The terms of the programme are not valid', zh: '返利政策条款无效' },
  'rebates.already_active': {
    status: 409,
    en: 'An active version never changes; amend the programme',
    zh: '已生效版本不可更改，请修订方案',
  },
  'rebates.not_active': { status: 422, en: 'The programme is not active', zh: '返利方案未生效' },
  'rebates.ended': { status: 409, en: 'The programme has ended', zh: '返利方案已结束' },
  'rebates.version_order': {
    status: 409,
    en: 'The next version is numbered one higher',
    zh: '新版本号须比当前版本大一',
  },
  'rebates.fixed_terms': {
    status: 422,
    en: 'Payer, calendar, grain and basis cannot change after activation',
    zh: '生效后付款方、日历、周期和计算基准不可更改',
  },
  'rebates.retroactive': {
    status: 422,
    en: 'An amendment that takes effect in the past must say so',
    zh: '追溯生效的修订须明确声明',
  },
  'rebates.not_member': { status: 404, en: 'The dealer is not a member of the programme', zh: '经销商不是该方案成员' },
  'rebates.calculation_invalid': {
    status: 422,
    en: 'The calculation does not follow from the terms in force',
    zh: '计算结果与有效条款不符',
  },
  'rebates.period_open': {
    status: 422,
    en: 'A final settlement needs the closed period',
    zh: '期间关闭后方可最终结算',
  },
  'rebates.final_settled': {
    status: 409,
    en: 'The dealer-period has its final settlement; only adjustments follow',
    zh: '该经销商期间已最终结算，仅可调整',
  },
  'rebates.second_person': {
    status: 409,
    en: 'A second person has to approve a payout of this size',
    zh: '此金额的兑付须由另一人批准',
  },
  'rebates.not_stacked': {
    status: 422,
    en: 'The programme does not name this stacking group in its terms',
    zh: '该方案的条款未声明此叠加组',
  },
  'rebates.unlike': {
    status: 422,
    en: 'Programmes of a stacking group have one payer, basis, calendar and grain',
    zh: '同一叠加组的方案须有相同的支付方、计量基础、日历与期间粒度',
  },
  'rebates.target_late': {
    status: 409,
    en: 'The period has ended; its target stands',
    zh: '期间已结束，目标不可再修订',
  },
  'rebates.baseline_fixed': {
    status: 409,
    en: 'A baseline is fixed before its period; later it changes by a signed agreement',
    zh: '基期须在期间开始前确定，此后仅可凭双方签署的协议变更',
  },
  'rebates.not_final': {
    status: 422,
    en: 'An adjustment follows a final settlement and posts in another, open period',
    zh: '调整须在最终结算之后，并记入另一开放期间',
  },
  'rebates.superseded': { status: 409, en: 'A later calculation took its place', zh: '该计算已被后续计算取代' },
  'rebates.not_approved': {
    status: 422,
    en: 'The settlement is not approved, or nothing is to be paid',
    zh: '结算未批准或无应付金额',
  },
  'rebates.dispute_closed': { status: 409, en: 'The dispute has ended', zh: '该争议已了结' },
  'rebates.dispute_side': {
    status: 422,
    en: 'One side opens and withdraws a dispute, the other one answers it',
    zh: '争议由提出方撤回，由对方答复',
  },
  'rebates.dispute_late': {
    status: 422,
    en: 'The time in which the settlement may be disputed is over',
    zh: '已超过该结算的争议期限',
  },
  'rebates.dispute_limit': {
    status: 422,
    en: 'The dealer-period has as many disputes as there may be',
    zh: '该经销商期间的争议数量已达上限',
  },
  'rebates.award_beyond': {
    status: 422,
    en: 'A dispute is upheld between nothing and what it asks for',
    zh: '争议支持金额不得超出其主张',
  },
  'rebates.dealer_exited': {
    status: 422,
    en: 'A dealer that has exited is paid nothing; an upheld dispute of the manufacturer closes what is left',
    zh: '已清退的经销商不再兑付；余额可由厂商提出争议并支持后了结',
  },
  'rebates.other_outlet': {
    status: 422,
    en: 'The terms of the programme pay in another way',
    zh: '方案条款约定以其他方式兑付',
  },
  'rebates.goods_choice': {
    status: 422,
    en: 'The terms of the programme do not offer this product',
    zh: '方案条款未提供该商品',
  },
  'rebates.goods_worth': {
    status: 422,
    en: 'The goods are worth nothing, or more than is left of the payout',
    zh: '货补商品价值为零或超出剩余应付金额',
  },
  'rebates.goods_limit': { status: 422, en: 'Too many grants of goods', zh: '货补次数过多' },
  'rebates.currency': { status: 422, en: 'The programme does not settle in this currency', zh: '方案不以该币种结算' },
  // reconciliation
  'reconciliation.not_over': { status: 422, en: 'The time of the statement is not over', zh: '对账期间尚未结束' },
  'reconciliation.period_open': {
    status: 422,
    en: 'The period is not closed; name a cut-off instead',
    zh: '期间尚未关闭，可改用截止时间',
  },
  'reconciliation.later_published': {
    status: 409,
    en: 'A later statement is published; corrections stand in the next one',
    zh: '已发布更晚的对账单，更正计入下一期',
  },
  'reconciliation.outdated': {
    status: 409,
    en: 'The figures were drawn for another statement; try again',
    zh: '数据系为另一对账单计算，请重试',
  },
  'reconciliation.figures_invalid': { status: 422, en: 'The figures do not add up', zh: '数据勾稽不符' },
  'reconciliation.unknown_line': {
    status: 422,
    en: 'The statement has no such line with this amount',
    zh: '对账单中无此行或金额不符',
  },
  'reconciliation.disputed': { status: 409, en: 'The line is in dispute', zh: '该行存在争议' },
  'reconciliation.settled': { status: 409, en: 'The dispute was settled before', zh: '该争议已处理' },
  'reconciliation.other_side': {
    status: 422,
    en: 'A dispute is withdrawn by who raised it and answered by the manufacturer',
    zh: '争议由提出方撤回，由厂家答复',
  },
  'reconciliation.other_fingerprint': {
    status: 409,
    en: 'The fingerprint is not that of the newest version',
    zh: '指纹与最新版本不符',
  },
  'reconciliation.confirmed': { status: 409, en: 'The statement was confirmed', zh: '对账单已确认' },
  'reconciliation.disputes_open': { status: 422, en: 'The statement has open disputes', zh: '对账单存在未决争议' },
  // postings
  'postings.no_chart': { status: 422, en: 'There is no chart of accounts', zh: '尚未设置会计科目' },
  'postings.account_missing': {
    status: 422,
    en: 'The chart of accounts has no account for this role',
    zh: '该用途未设置会计科目',
  },
  'postings.unbalanced': { status: 422, en: 'Debits and credits differ', zh: '借贷不平' },
  'postings.outdated': {
    status: 409,
    en: 'The batch does not begin where the last one ended; try again',
    zh: '批次与上一批次不衔接，请重试',
  },
  'postings.acknowledged': {
    status: 409,
    en: 'The batch was acknowledged before',
    zh: '该批次已确认',
  },
  // claims and funds
  'claims.policy_past': {
    status: 422,
    en: 'Terms of claims take effect from now on, not in the past',
    zh: '补差条款只能自现在起生效，不可追溯',
  },
  'claims.no_policy': { status: 422, en: 'The company has no terms of claims in force', zh: '公司尚无生效的补差条款' },
  'claims.no_rotation': {
    status: 422,
    en: 'The terms in force give no right to stock rotation',
    zh: '现行条款未授予退换货权利',
  },
  'claims.other_kind': {
    status: 422,
    en: 'The agreement is of another kind, or compares with a price that its kind does not have',
    zh: '协议类型不符，或比较价格不适用于该类型',
  },
  'claims.key_reused': {
    status: 409,
    en: 'This key was used with other content; a claim key is used once',
    zh: '该编号已用于其他内容，每个申报编号只能使用一次',
  },
  'claims.proof_used': {
    status: 409,
    en: 'The proof stands for another claim; a document is used once',
    zh: '该凭证已用于另一笔申报，每份凭证只能使用一次',
  },
  'claims.outside_window': {
    status: 422,
    en: 'It lies outside the window of what it is claimed on',
    zh: '不在协议或活动的有效期内',
  },
  'claims.too_late': { status: 422, en: 'The time to claim is over', zh: '已超过申报期限' },
  'claims.other_customer': {
    status: 422,
    en: 'The agreement is for another end customer',
    zh: '协议约定的是另一终端客户',
  },
  'claims.over_cap': {
    status: 422,
    en: 'The claims together would exceed what was agreed or committed',
    zh: '累计申报超过约定或已批准的上限',
  },
  'claims.over_quota': {
    status: 422,
    en: 'More would be rotated than the agreed share of what was bought in the period',
    zh: '退换数量超过期间采购量的约定比例',
  },
  'claims.no_units': {
    status: 422,
    en: 'The ledger does not know so many units there at that time',
    zh: '账本显示当时没有这么多库存',
  },
  'claims.units_taken': {
    status: 409,
    en: 'Another claim has been paid this difference of price on these units',
    zh: '另一笔申报已就这些货品的同一价差获得补偿',
  },
  'claims.no_difference': { status: 422, en: 'There is no difference of price to pay', zh: '没有可补偿的价差' },
  'claims.not_open': {
    status: 409,
    en: 'The claim has been decided, or is not there yet',
    zh: '该申报的状态不允许此操作',
  },
  'claims.not_validated': {
    status: 409,
    en: 'The proofs of the claim have not been checked yet',
    zh: '该申报的凭证尚未核验',
  },
  'claims.over_claimed': { status: 422, en: 'No more is approved than was claimed', zh: '批准金额不可超过申报金额' },
  'claims.part_needs_reason': {
    status: 422,
    en: 'An approval in part needs a reason; a return is approved as a whole',
    zh: '部分批准须说明原因；退货只能整体批准',
  },
  'claims.second_person': {
    status: 409,
    en: 'A second person has to approve: it is above the limit, or by whoever approves it',
    zh: '须由另一人批准：金额超限，或批准人即申报人',
  },
  'funds.window_empty': { status: 422, en: 'The fund would end before it begins', zh: '基金的结束时间早于开始时间' },
  'funds.outside_window': { status: 422, en: 'It lies outside the window of the fund', zh: '不在基金的有效期内' },
  'funds.over': { status: 409, en: 'The fund has ended', zh: '基金已结束' },
  'funds.over_budget': {
    status: 422,
    en: 'More would be committed than the budget holds',
    zh: '承诺金额超过基金预算',
  },
  'funds.over_requested': {
    status: 422,
    en: 'No more is committed than was asked for',
    zh: '批准金额不可超过申请金额',
  },
  'funds.over_approved': { status: 422, en: 'No more is paid than was approved', zh: '支付金额不可超过批准金额' },
  'funds.payment_order': {
    status: 409,
    en: 'Payments of a claim are numbered one after another',
    zh: '付款须按序号依次进行',
  },
  'funds.not_open': { status: 409, en: 'The activity does not stand there', zh: '活动的状态不允许此操作' },
  'funds.not_accrued': { status: 422, en: 'The fund has a fixed budget', zh: '该基金为固定预算' },
  'funds.accrued_only': {
    status: 422,
    en: 'The budget of a co-op fund is what sales add to it',
    zh: '合作基金的预算只由销售计提',
  },
  'funds.period_open': { status: 422, en: 'A fund accrues when the period is closed', zh: '期间关闭后方可计提' },
  // price policies and violations
  'violations.window_empty': {
    status: 422,
    en: 'The policy would end before it begins',
    zh: '价格政策的结束时间早于开始时间',
  },
  'violations.policy_overlap': {
    status: 409,
    en: 'Two versions of the price policy would be in force at once',
    zh: '两个版本的价格政策有效期重叠',
  },
  'violations.policy_past': {
    status: 422,
    en: 'A price policy cannot change what has been judged by it: it begins and ends from now on',
    zh: '价格政策不可追溯：只能自现在起生效或终止',
  },
  'violations.resale_prices': {
    status: 422,
    en: 'It is about what dealers sell for, and the price policy does not allow that there',
    zh: '涉及经销商的转售价格，而价格政策未允许在当地使用',
  },
  'violations.not_open': {
    status: 409,
    en: 'The case does not stand there',
    zh: '该案件的状态不允许此操作',
  },
  'violations.second_person': {
    status: 409,
    en: 'A second person has to decide: not whoever put it to the dealer',
    zh: '须由另一人裁定：不得为通知经销商的人',
  },
  'violations.not_heard': {
    status: 409,
    en: 'The dealer still has time to explain',
    zh: '经销商的说明期限未满',
  },
  'violations.lead_only': {
    status: 409,
    en: 'Scans of consumers alone never confirm a case: somebody has to look',
    zh: '仅凭消费者扫码不能认定，须派人核查',
  },
  // alerts
  'alerts.snooze_until': {
    status: 422,
    en: 'An alert is snoozed until a time to come, 92 days away at most',
    zh: '提醒只能推迟到未来 92 天内的时间',
  },
  'alerts.assignee_unknown': {
    status: 422,
    en: 'The assignee is nobody of this side who may sign in',
    zh: '受派人不存在、已停用或不属于本方',
  },
  'alerts.not_for_dealers': {
    status: 422,
    en: 'A dealer hears of a case about itself when it is put to it, by no alert',
    zh: '案件须正式告知经销商，不以提醒告知',
  },
  'alerts.digest_open': { status: 422, en: 'The day or week is not over yet', zh: '该日或该周尚未结束' },
  // imports: what a report says of a row (docs/import.md)
  'import.encoding': { status: 422, en: 'The text is not UTF-8', zh: '文本不是 UTF-8 编码' },
  'import.file_unknown': { status: 422, en: 'No kind of file has this name', zh: '无此名称的文件类型' },
  'import.file_missing': { status: 422, en: 'The other file of this kind is missing', zh: '缺少配套文件' },
  'import.columns': {
    status: 422,
    en: 'The header has unknown, missing or repeated columns',
    zh: '表头含有未知、缺失或重复的列',
  },
  'import.unparsable': { status: 422, en: 'The line is not a row of its file', zh: '该行无法解析' },
  'import.truncated': { status: 422, en: 'The file ends too early', zh: '文件不完整' },
  'import.value': { status: 422, en: 'A value does not have the shape of its column', zh: '字段值格式不符' },
  'import.document_incomplete': {
    status: 422,
    en: 'Another line of the document cannot be read',
    zh: '单据的其他行无法读取',
  },
  'import.header_missing': { status: 422, en: 'There is no document for this line', zh: '该明细没有对应的单据' },
  'import.lines_missing': { status: 422, en: 'There are no lines for this document', zh: '该单据没有明细' },
  'import.x12': {
    status: 422,
    en: 'The interchange, or a transaction set of it, cannot be read',
    zh: '无法读取该 EDI 交换文件或其中的事务集',
  },
  'import.conflict': {
    status: 409,
    en: 'The document was imported before with other content',
    zh: '该单据曾以不同内容导入',
  },
  'import.period_reversed': { status: 422, en: 'The validity ends before it begins', zh: '有效期结束早于开始' },
  'import.price_missing': { status: 422, en: 'The product version has no price', zh: '该产品版本没有价格' },
  'import.before_validity': {
    status: 422,
    en: 'The sale is older than the product version it names',
    zh: '销售日期早于所指产品版本',
  },
  'import.negative_balance': { status: 422, en: 'The source states a negative balance', zh: '来源数据的结存为负' },
  'import.adapted': {
    status: 422,
    en: 'The value is written otherwise than in the source',
    zh: '该值的写法与来源不同',
  },
  'import.inferred': { status: 422, en: 'The source does not say it; it was inferred', zh: '来源未说明，系推断所得' },
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof table

export const errors: Readonly<Record<ErrorCode, ErrorEntry>> = table
