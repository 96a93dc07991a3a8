import type { Basis, Outlet, Terms } from './terms.ts'

/** Figures as they are read: `volume` in the measure with its unit, `money` in the settled currency, `percent` with its sign. */
type Text = string

/** What a programme's document is made of, in one language; the figures come in as text. */
export interface ProgrammeWords {
  readonly version: (no: number) => Text
  readonly headings: Readonly<Record<'who' | 'counts' | 'earned' | 'conditions' | 'bounds' | 'settlement', Text>>
  readonly basis: Readonly<Record<Basis, Text>>
  readonly measure: Readonly<Record<Terms['measure'], Text>>
  readonly grain: Readonly<Record<Terms['grain'], Text>>
  readonly rounding: Readonly<Record<Terms['rounding']['mode'], Text>>
  readonly list: (items: readonly Text[]) => Text
  readonly everyProduct: Text
  readonly products: (skus: readonly Text[], categories: readonly Text[]) => Text
  readonly payer: (payer: Text) => Text
  readonly everybody: Text
  readonly ofTiers: (tiers: Text) => Text
  readonly ofTerritories: (territories: Text) => Text
  readonly members: Text
  readonly currencies: (currencies: Text) => Text
  readonly from: (date: Text) => Text
  readonly volume: (basis: Text, measure: Text, grain: Text) => Text
  readonly include: (products: Text) => Text
  readonly exclude: (products: Text) => Text
  readonly returns: (days: number) => Text
  readonly noReturns: Text
  readonly soldOutReturns: Readonly<Record<Terms['returns'], Text>>
  readonly launched: (days: number) => Text
  readonly evidence: (grain: Text) => Text
  readonly evidenceKinds: (kinds: Text) => Text
  readonly pieceOfEvidence: Text
  readonly perEvidence: (amount: Text) => Text
  readonly stacked: (group: Text) => Text
  readonly band: (from: Text, to: Text, rate: Text) => Text
  readonly above: (from: Text, rate: Text) => Text
  readonly upTo: (to: Text, rate: Text) => Text
  readonly marginal: Text
  readonly allUnits: Text
  readonly rolling: Text
  readonly total: Text
  readonly ownTarget: Text
  readonly fixedSum: (amount: Text, target: Text) => Text
  readonly perUnit: (amount: Text, unit: Text) => Text
  readonly perTransaction: (amount: Text) => Text
  readonly increment: (amount: Text, step: Text, target: Text) => Text
  readonly linear: (v1: Text, r1: Text, v2: Text, r2: Text) => Text
  readonly below: (volume: Text, rate: Text) => Text
  readonly growthOnGrowth: Text
  readonly growthOnVolume: Text
  readonly withoutBaseline: Readonly<Record<'nothing' | 'all', Text>>
  readonly attainment: Text
  readonly excess: (rate: Text) => Text
  readonly mix: (set: Text) => Text
  readonly earlyPayment: Readonly<Record<'invoice' | 'due', Text>>
  readonly days: (days: Text) => Text
  readonly targetAt: Readonly<Record<'period-start' | 'period-end', Text>>
  readonly gates: {
    readonly minimum: (set: Text, volume: Text) => Text
    readonly attainment: (ratio: Text) => Text
    readonly mix: (set: Text, ratio: Text) => Text
    readonly breadth: (skus: number, set: Text) => Text
    readonly process: (count: number, kind: Text) => Text
    readonly payment: (days: number) => Text
    readonly collection: Readonly<Record<'invoice' | 'due', Text>>
    /** the same as a condition that is met, or not */
    readonly collected: Readonly<Record<'invoice' | 'due', Text>>
    readonly score: (evaluation: Text, version: number, score: Text) => Text
  }
  readonly outsideBands: Text
  readonly scope: Text
  readonly otherwise: (share: Text) => Text
  readonly otherwiseNothing: Text
  readonly cap: (amount: Text) => Text
  readonly floor: (amount: Text) => Text
  readonly rounded: Readonly<Record<Terms['rounding']['level'], (mode: Text) => Text>>
  readonly delta: Text
  readonly carry: Text
  readonly clawback: Text
  readonly final: (grain: Text, days: number) => Text
  readonly afterwards: Text
  readonly twoPeople: (amount: Text) => Text
  readonly outlet: Readonly<Record<Extract<Outlet, string>, Text>>
  readonly goods: Text
  readonly offset: (share: Text, goods: Text) => Text
  readonly offsetExpires: (days: number) => Text
  readonly inGoods: Text
  readonly inTheseGoods: (goods: Text) => Text
  readonly disputes: (days: number) => Text
}

export const programmeWords: Readonly<Record<'en' | 'zh-CN', ProgrammeWords>> = {
  en: {
    version: (no) => `version ${no}`,
    headings: {
      who: 'Who takes part',
      counts: 'What counts',
      earned: 'What is earned',
      conditions: 'Conditions for being paid',
      bounds: 'Limits and rounding',
      settlement: 'Settlement',
    },
    basis: {
      ordered: 'ordered',
      delivered: 'delivered',
      invoiced: 'invoiced',
      paid: 'invoiced and paid',
      'sold-out': 'sold to end customers, as the dealer reports it, at whatever price,',
      evidence: 'proven',
    },
    measure: {
      net: 'by net value, without tax and freight',
      gross: 'by gross value, with tax and without freight',
      units: 'by quantity',
    },
    grain: { month: 'month', quarter: 'quarter', year: 'year' },
    rounding: {
      'half-up': 'to the nearest, halves away from zero',
      'half-even': 'to the nearest, halves to the even digit',
      down: 'towards zero',
      up: 'away from zero',
      floor: 'downwards',
    },
    list: (items) => items.join(', '),
    everyProduct: 'Every product counts.',
    products: (skus, categories) =>
      [
        ...(skus.length > 0 ? [`product${skus.length > 1 ? 's' : ''} ${skus.join(', ')}`] : []),
        ...(categories.length > 0 ? [`categor${categories.length > 1 ? 'ies' : 'y'} ${categories.join(', ')}`] : []),
      ].join(' and '),
    payer: (payer) => `${payer} owes the rebate.`,
    everybody: 'Every dealer takes part.',
    ofTiers: (tiers) => `Dealers of the tiers ${tiers} take part, as they stand at the end of the period.`,
    ofTerritories: (territories) =>
      `Dealers of the territories ${territories} take part, as they stand at the end of the period.`,
    members: 'Enrolled members take part, with what they bought while they were members.',
    currencies: (currencies) => `Only what is traded in ${currencies} counts, each currency for itself.`,
    from: (date) => `These terms hold for periods that start on or after ${date}.`,
    volume: (basis, measure, grain) => `Counted is what is ${basis} in the ${grain}, ${measure}.`,
    include: (products) => `Only ${products} count.`,
    exclude: (products) => `Not counted: ${products}.`,
    returns: (days) => `Goods that come back within ${days} days of their sale are taken off the period of the sale.`,
    noReturns: 'Goods that come back are not taken off.',
    soldOutReturns: {
      deduct: 'Goods that end customers bring back are taken off the period in which they come.',
      ignore: 'Goods that end customers bring back are not taken off.',
    },
    launched: (days) => `A product counts as new until ${days} days after its launch; only new products count.`,
    evidence: (grain) => `Counted is the evidence of the ${grain} that is recorded and not withdrawn.`,
    evidenceKinds: (kinds) => `evidence of the kinds ${kinds}`,
    pieceOfEvidence: 'pieces of evidence',
    perEvidence: (amount) => `${amount} for each piece of evidence.`,
    stacked: (group) =>
      `The programme stands in the stacking group ${group}: its place there says what is left to count of a sale that others count.`,
    band: (from, to, rate) => `from ${from} to less than ${to}: ${rate}`,
    above: (from, rate) => `from ${from}: ${rate}`,
    upTo: (to, rate) => `less than ${to}: ${rate}`,
    marginal: 'Each part of the volume earns the rate of the tier in which it lies:',
    allUnits: 'The whole volume earns the rate of the highest tier that it reaches:',
    rolling:
      'Each tier that is passed earns its rate on its upper bound, and the whole volume the rate of the tier reached:',
    total: 'The whole volume earns the rates of all tiers that it reaches, added up:',
    ownTarget: 'the dealer’s own target',
    fixedSum: (amount, target) => `${amount}, once, when the volume reaches ${target}.`,
    perUnit: (amount, unit) => `${amount} for each ${unit}.`,
    perTransaction: (amount) => `${amount} for each order of which something in scope remains.`,
    increment: (amount, step, target) => `${amount} for every full ${step} above ${target}.`,
    linear: (v1, r1, v2, r2) =>
      `The whole volume earns a rate that rises evenly from ${r1} at ${v1} to ${r2} at ${v2}, and stays there.`,
    below: (volume, rate) => `Below ${volume} it earns ${rate}.`,
    growthOnGrowth: 'What exceeds the dealer’s baseline earns, each part of it the rate of the tier in which it lies:',
    growthOnVolume: 'The whole volume earns the rate of the growth over the dealer’s baseline:',
    withoutBaseline: {
      nothing: 'A dealer without a baseline earns nothing.',
      all: 'For a dealer without a baseline, all of its volume is growth.',
    },
    attainment: 'The whole volume earns the rate of the share of its own target that the dealer reaches:',
    excess: (rate) => `What lies above the target earns ${rate} more.`,
    mix: (set) => `The whole volume earns the rate of the share that ${set} have in it:`,
    earlyPayment: {
      invoice: 'Each payment earns by the days from the day of the invoice to the day of the money:',
      due: 'Each payment earns by the days from the due date to the day of the money:',
    },
    days: (days) => `day ${days}`,
    targetAt: {
      'period-start': 'The target is the one in force when the period starts.',
      'period-end': 'The target is the one in force when the period ends.',
    },
    gates: {
      minimum: (set, volume) => `The volume of ${set} is at least ${volume}.`,
      attainment: (ratio) => `The dealer reaches at least ${ratio} of its own target.`,
      mix: (set, ratio) => `${set} have a share of at least ${ratio} in the volume.`,
      breadth: (skus, set) => `At least ${skus} different products of ${set} were bought.`,
      process: (count, kind) => `There are at least ${count} pieces of evidence of the kind ${kind} in the period.`,
      payment: (days) =>
        `Nothing that the dealer owes is overdue by more than ${days} days at the cut-off, at the latest when the grace days end.`,
      collection: {
        invoice:
          'What is earned is paid by the longest time from a document of the period to its money, or to the cut-off while it is open:',
        due: 'What is earned is paid by the longest delay of a document of the period after its due date, until its money or the cut-off:',
      },
      collected: {
        invoice: 'Every document of the period was paid in the shortest time of the terms.',
        due: 'Every document of the period was paid with the shortest delay of the terms.',
      },
      score: (evaluation, version, score) =>
        `The dealer’s evaluation ${evaluation}, version ${version}, for the period is at least ${score}.`,
    },
    outsideBands: 'Outside of these days nothing is paid.',
    scope: 'what counts',
    otherwise: (share) => `Otherwise ${share} of what is earned is paid.`,
    otherwiseNothing: 'Otherwise nothing is paid.',
    cap: (amount) => `At most ${amount} per dealer and period.`,
    floor: (amount) => `At least ${amount} per dealer and period, as soon as there is any volume.`,
    rounded: {
      settlement: (mode) => `The exact result is rounded once, ${mode}.`,
      line: (mode) => `What each line earns is rounded, ${mode}; their sum is what is earned.`,
    },
    delta: 'Paid is what is earned up to the cut-off, less what was paid before and not taken back.',
    carry: 'When an interim settlement finds that too much was paid, the next one carries it.',
    clawback: 'When an interim settlement finds that too much was paid, it is taken back at once.',
    final: (grain, days) => `The ${grain} is settled finally when it is closed and ${days} days have passed.`,
    afterwards: 'What becomes known later is settled by an adjustment in an open period.',
    twoPeople: (amount) => `A payout above ${amount} is approved by two people.`,
    outlet: {
      credit_note: 'Payouts are credit notes on the dealer’s account.',
      payment: 'Payouts are paid to the dealer as money.',
    },
    goods: 'the goods',
    offset: (share, goods) =>
      `Payouts are credit for invoices to come: each is lowered by at most ${share} of the value of ${goods} on it.`,
    offsetExpires: (days) => `What is not used within ${days} days expires.`,
    inGoods:
      'Payouts are goods that the dealer chooses, at its prices of the day; the order costs nothing and earns nothing.',
    inTheseGoods: (goods) =>
      `Payouts are goods, at the dealer’s prices of the day: ${goods}; the order costs nothing and earns nothing.`,
    disputes: (days) =>
      `A settlement may be disputed for ${days} days; what is disputed waits, everything else is paid.`,
  },
  'zh-CN': {
    version: (no) => `第 ${no} 版`,
    headings: {
      who: '适用对象',
      counts: '计量口径',
      earned: '返利计算',
      conditions: '兑付条件',
      bounds: '限额与取整',
      settlement: '结算',
    },
    basis: {
      ordered: '订货',
      delivered: '签收',
      invoiced: '开票',
      paid: '开票且已回款',
      'sold-out': '经销商上报终端销售（不论售价）',
      evidence: '已举证',
    },
    measure: { net: '不含税、不含运费的净额', gross: '含税、不含运费的金额', units: '数量' },
    grain: { month: '月度', quarter: '季度', year: '年度' },
    rounding: {
      'half-up': '四舍五入',
      'half-even': '四舍六入五成双',
      down: '向零舍去',
      up: '远离零进位',
      floor: '向下取整',
    },
    list: (items) => items.join('、'),
    everyProduct: '所有产品均计入。',
    products: (skus, categories) =>
      [
        ...(skus.length > 0 ? [`产品 ${skus.join('、')}`] : []),
        ...(categories.length > 0 ? [`品类 ${categories.join('、')}`] : []),
      ].join('及'),
    payer: (payer) => `返利由 ${payer} 承担。`,
    everybody: '所有经销商均适用。',
    ofTiers: (tiers) => `适用于期末等级为 ${tiers} 的经销商。`,
    ofTerritories: (territories) => `适用于期末授权区域为 ${territories} 的经销商。`,
    members: '适用于已加入本方案的经销商，仅计其在册期间的业务。',
    currencies: (currencies) => `仅计 ${currencies} 交易，各币种分别结算。`,
    from: (date) => `本条款适用于 ${date} 及以后开始的期间。`,
    volume: (basis, measure, grain) => `以${grain}内${basis}的${measure}计量。`,
    include: (products) => `仅计${products}。`,
    exclude: (products) => `不计${products}。`,
    returns: (days) => `销售后 ${days} 天内的退货，冲减销售所属期间。`,
    noReturns: '退货不冲减。',
    soldOutReturns: { deduct: '终端客户退货冲减退货当期。', ignore: '终端客户退货不冲减。' },
    launched: (days) => `仅计上市后 ${days} 天以内的新品。`,
    evidence: (grain) => `以${grain}内已登记且未撤回的举证计量。`,
    evidenceKinds: (kinds) => `${kinds} 类举证`,
    pieceOfEvidence: '项举证',
    perEvidence: (amount) => `每项举证返利 ${amount}。`,
    stacked: (group) => `本方案属于叠加组 ${group}：同一销售被多个方案计入时，按组内顺序确定本方案的计量基数。`,
    band: (from, to, rate) => `${from} 起，不足 ${to}：${rate}`,
    above: (from, rate) => `${from} 起：${rate}`,
    upTo: (to, rate) => `不足 ${to}：${rate}`,
    marginal: '分段累进，各段的量按所在档位的比例计算：',
    allUnits: '全额累进，全部的量按所达最高档位的比例计算：',
    rolling: '已越过的档位按其上限乘以该档比例，全部的量再按所达档位的比例计算：',
    total: '全部的量按所达各档比例之和计算：',
    ownTarget: '经销商自身目标',
    fixedSum: (amount, target) => `达到${target}时，一次性返利 ${amount}。`,
    perUnit: (amount, unit) => `每 ${unit} 返利 ${amount}。`,
    perTransaction: (amount) => `每张仍有计入量的订单返利 ${amount}。`,
    increment: (amount, step, target) => `超过${target}后，每满 ${step} 返利 ${amount}。`,
    linear: (v1, r1, v2, r2) => `全部的量按线性比例计算：${v1} 时为 ${r1}，均匀变化至 ${v2} 时为 ${r2}，此后不变。`,
    below: (volume, rate) => `不足 ${volume} 时为 ${rate}。`,
    growthOnGrowth: '超出基期的增量，各段按所在档位的比例计算：',
    growthOnVolume: '全部的量按较基期增长率所在档位的比例计算：',
    withoutBaseline: { nothing: '无基期的经销商不享受返利。', all: '无基期的经销商，其全部的量视为增量。' },
    attainment: '全部的量按自身目标达成率所在档位的比例计算：',
    excess: (rate) => `超过目标的部分另加 ${rate}。`,
    mix: (set) => `全部的量按${set}占比所在档位的比例计算：`,
    earlyPayment: {
      invoice: '每笔回款按开票日至回款日的天数计算：',
      due: '每笔回款按到期日至回款日的天数计算：',
    },
    days: (days) => `第 ${days} 天`,
    targetAt: { 'period-start': '目标以期初有效者为准。', 'period-end': '目标以期末有效者为准。' },
    gates: {
      minimum: (set, volume) => `${set}的量不低于 ${volume}。`,
      attainment: (ratio) => `自身目标达成率不低于 ${ratio}。`,
      mix: (set, ratio) => `${set}占比不低于 ${ratio}。`,
      breadth: (skus, set) => `${set}中至少购进 ${skus} 种产品。`,
      process: (count, kind) => `期间内 ${kind} 类举证不少于 ${count} 项。`,
      payment: (days) => `截止时点（最迟至宽限期满）无逾期超过 ${days} 天的应付款。`,
      collection: {
        invoice: '按期间内单据自开票日至回款日（未回款的至截止时点）的最长天数兑付应得返利：',
        due: '按期间内单据自到期日至回款日（未回款的至截止时点）的最长天数兑付应得返利：',
      },
      collected: { invoice: '期间内单据均在最短账期内回款。', due: '期间内单据均在最短逾期天数内回款。' },
      score: (evaluation, version, score) => `经销商本期评价 ${evaluation}（第 ${version} 版）不低于 ${score}。`,
    },
    outsideBands: '不在上述天数内的，不予兑付。',
    scope: '计入范围',
    otherwise: (share) => `否则按应得返利的 ${share} 兑付。`,
    otherwiseNothing: '否则不予兑付。',
    cap: (amount) => `每经销商每期最高 ${amount}。`,
    floor: (amount) => `每经销商每期只要有量，最低 ${amount}。`,
    rounded: {
      settlement: (mode) => `精确结果仅取整一次，${mode}。`,
      line: (mode) => `逐行取整，${mode}，应得返利为各行之和。`,
    },
    delta: '兑付金额为截止时点应得返利，减去此前已付且未追回的金额。',
    carry: '中期结算发现多付的，结转至下一次结算。',
    clawback: '中期结算发现多付的，立即追回。',
    final: (grain, days) => `${grain}关账且满 ${days} 天后作最终结算。`,
    afterwards: '此后获知的事项，在未关账期间作调整结算。',
    twoPeople: (amount) => `超过 ${amount} 的兑付须经两人批准。`,
    outlet: { credit_note: '以贷项通知单计入经销商往来账。', payment: '以货币支付给经销商。' },
    goods: '货物',
    offset: (share, goods) => `以冲抵货款方式兑付：每张后续发票最多冲抵其中${goods}金额的 ${share}。`,
    offsetExpires: (days) => `${days} 天内未使用的部分失效。`,
    inGoods: '以货补方式兑付：经销商按当日价格自选商品，订单不收货款，也不再计返利。',
    inTheseGoods: (goods) => `以货补方式兑付：${goods}，按当日价格计，订单不收货款，也不再计返利。`,
    disputes: (days) => `结算后 ${days} 天内可提出争议；争议部分暂缓，其余照付。`,
  },
}
