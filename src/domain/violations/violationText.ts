import type { ViolationKind } from '../detection/rules.ts'
import type { PaperLanguage } from '../kernel/paper.ts'

interface Words {
  readonly name: Readonly<Record<PaperLanguage, string>>
  /** `{name}` is one of the figures of the case */
  readonly sentence: Readonly<Record<PaperLanguage, string>>
}

const words: Readonly<Record<ViolationKind, Words>> = {
  SELLIN_BELOW_FLOOR: {
    name: { en: 'Sold below the floor', 'zh-CN': '低于底价供货' },
    sentence: {
      en: 'Line {lineNo} of order {orderId} came to {netNet} {currency} a unit; the floor was {floor}',
      'zh-CN': '订单 {orderId} 第 {lineNo} 行的净净价为 {netNet} {currency}，底价为 {floor}',
    },
  },
  ABOVE_CEILING: {
    name: { en: 'Above the ceiling', 'zh-CN': '高于限价' },
    sentence: {
      en: 'A unit cost {price} {currency}; the ceiling was {ceiling}',
      'zh-CN': '单价为 {price} {currency}，限价为 {ceiling}',
    },
  },
  ADVERTISED_BELOW_MAP: {
    name: { en: 'Advertised below the lowest advertised price', 'zh-CN': '低于最低广告价' },
    sentence: {
      en: 'It was advertised at {price} {currency} (observation {observationId}); the lowest advertised price was {lowestAdvertised}',
      'zh-CN': '广告价为 {price} {currency}（观察 {observationId}），最低广告价为 {lowestAdvertised}',
    },
  },
  PROMO_OUT_OF_WINDOW: {
    name: { en: 'Promotion out of its window or scope', 'zh-CN': '促销价超出期限或范围' },
    sentence: {
      en: 'Line {lineNo} of order {orderId} has the price of promotion {promotionId}, which ran from {startsAt} to {endsAt} (outside its {wrong})',
      'zh-CN':
        '订单 {orderId} 第 {lineNo} 行使用促销 {promotionId} 的价格，其期限为 {startsAt} 至 {endsAt}（超出 {wrong}）',
    },
  },
  UNAPPROVED_DISCOUNT: {
    name: { en: 'Discount beyond authority', 'zh-CN': '超权限折扣' },
    sentence: {
      en: 'Line {lineNo} of order {orderId} has a discount of {discount} off {listPrice} {currency}; the authority was {authority}',
      'zh-CN': '订单 {orderId} 第 {lineNo} 行在 {listPrice} {currency} 上的折扣为 {discount}，权限为 {authority}',
    },
  },
  DUMPING_LOW_PRICE: {
    name: { en: 'Resold below cost', 'zh-CN': '低价倾销' },
    sentence: {
      en: '{quantity} units were resold below cost in {times} reports, at last for {price} against {cost}',
      'zh-CN': '{times} 次申报共 {quantity} 件低于成本转售，最近一次售价 {price}，成本 {cost}',
    },
  },
  HIDDEN_REBATE: {
    name: { en: 'Benefit without a programme', 'zh-CN': '暗返' },
    sentence: {
      en: 'A benefit of {amount} {currency} has no settlement, claim or return behind it',
      'zh-CN': '一笔 {amount} {currency} 的利益没有对应的结算、申报或退货',
    },
  },
  PRICE_SPREAD: {
    name: { en: 'Prices too far apart', 'zh-CN': '价差过大' },
    sentence: {
      en: 'Like dealers paid {low} ({lowDealer}, {lowOrder}) and {high} ({highDealer}, {highOrder}) {currency} a unit',
      'zh-CN':
        '条件相同的经销商单价分别为 {low}（{lowDealer}，{lowOrder}）和 {high}（{highDealer}，{highOrder}）{currency}',
    },
  },
  ORDER_SPIKE: {
    name: { en: 'Order spike', 'zh-CN': '订单激增' },
    sentence: {
      en: '{ordered} units were ordered in seven days; the highest of {weeks} weeks had been {highest}, the median {median}; {soldNow} were sold in four weeks',
      'zh-CN': '七日内订购 {ordered} 件；此前 {weeks} 周最高为 {highest}，中位数为 {median}；四周内售出 {soldNow} 件',
    },
  },
  TIER_CHASE: {
    name: { en: 'Orders up to a tier at the end of a period', 'zh-CN': '期末冲量' },
    sentence: {
      en: 'In the last days of the period {pushed} {currency} were ordered against {usual} at the usual pace: {reached} reaches the step at {step}',
      'zh-CN': '期末数日订购 {pushed} {currency}，按平常速度为 {usual}：累计 {reached} 达到 {step} 档',
    },
  },
  ROUND_TRIP: {
    name: { en: 'Goods that go round', 'zh-CN': '货物空转' },
    sentence: {
      en: 'Of {bought} units {back} went back',
      'zh-CN': '{bought} 件中有 {back} 件回流',
    },
  },
  DIVERSION: {
    name: { en: 'Goods outside their territory', 'zh-CN': '窜货' },
    sentence: {
      en: 'Goods sent to the dealer were seen {sightings} times in {region}, outside the territory that they were sent for',
      'zh-CN': '发往该经销商的货物在 {region} 被发现 {sightings} 次，超出发货时的授权区域',
    },
  },
  DIVERSION_LEAD: {
    name: { en: 'Sign of goods outside their territory', 'zh-CN': '窜货线索' },
    sentence: {
      en: 'Consumers scanned goods sent to the dealer {sightings} times in {region}: somebody should look there',
      'zh-CN': '消费者在 {region} 扫描到发往该经销商的货物 {sightings} 次，建议核查',
    },
  },
  CREDIT_STRETCH: {
    name: { en: 'Stretched credit', 'zh-CN': '拖延付款' },
    sentence: {
      en: 'A share of {lateShare} was paid late, {meanDaysLate} days on average against {meanDaysLateBefore} before, while orders went from {orderedBefore} to {ordered} {currency}',
      'zh-CN':
        '逾期支付占比 {lateShare}，平均逾期 {meanDaysLate} 天（此前 {meanDaysLateBefore} 天），同期订货额由 {orderedBefore} 增至 {ordered} {currency}',
    },
  },
}

export function violationName(kind: ViolationKind, language: PaperLanguage): string {
  return words[kind].name[language]
}

/** What happened, in a sentence. */
export function violationText(
  kind: ViolationKind,
  figures: Readonly<Record<string, string>>,
  language: PaperLanguage,
): string {
  return words[kind].sentence[language].replaceAll(/\{(\w+)\}/g, (_whole, name: string) => figures[name] ?? '')
}
