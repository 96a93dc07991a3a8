import type { z } from 'zod'
import type { PaperLanguage } from '../kernel/paper.ts'
import type { settlementKind } from './events.ts'

/** Figures as they are read: money in the settled currency, volumes in the measure with their unit. */
type Text = string

/** What the statement of a settlement is made of, in one language, beside the words of its programme. */
export interface SettlementWords {
  readonly title: Text
  readonly file: Text
  readonly labels: Readonly<
    Record<
      | 'payer'
      | 'dealer'
      | 'programme'
      | 'period'
      | 'settlement'
      | 'cutOff'
      | 'volume'
      | 'target'
      | 'baseline'
      | 'due'
      | 'overpaid'
      | 'outlet',
      Text
    >
  >
  readonly dates: (from: Text, to: Text) => Text
  readonly settlement: (no: number, kind: z.infer<typeof settlementKind>) => Text
  readonly postedIn: (period: Text) => Text
  readonly headings: Readonly<Record<'calculation' | 'conditions' | 'proof' | 'lines', Text>>
  readonly due: Text
  readonly earned: (version: number) => Text
  readonly tier: (no: number) => Text
  readonly noTier: Text
  readonly sum: Text
  readonly onBase: (base: Text) => Text
  readonly units: (units: Text) => Text
  readonly times: (each: Text, times: Text) => Text
  readonly missing: Readonly<Record<'target' | 'baseline', Text>>
  readonly cap: Text
  readonly floor: Text
  readonly gate: Text
  readonly rounding: (mode: Text) => Text
  readonly settled: (no: number) => Text
  readonly clawedBack: (no: number) => Text
  readonly awarded: (no: number) => Text
  readonly ofDispute: (text: Text, disputeId: Text) => Text
  readonly met: (condition: Text, found: Text) => Text
  readonly notMet: (condition: Text, found: Text) => Text
  readonly nothingFound: Text
  readonly columns: Readonly<
    Record<
      | 'no'
      | 'tier'
      | 'date'
      | 'order'
      | 'sku'
      | 'kind'
      | 'quantity'
      | 'unit'
      | 'base'
      | 'earnedBefore'
      | 'rate'
      | 'share'
      | 'time'
      | 'event'
      | 'eventLine',
      Text
    >
  >
  readonly kind: Readonly<Record<'sale' | 'return', Text>>
  readonly total: Text
  readonly verified: (position: Text) => Text
  readonly addsUp: Text
  readonly otherUnits: (lines: number, unit: Text) => Text
  readonly notVerified: Text
  readonly fingerprint: (hash: Text) => Text
  readonly rests: (position: Text, cutOff: Text) => Text
}

export const settlementWords: Readonly<Record<PaperLanguage, SettlementWords>> = {
  en: {
    title: 'Rebate settlement statement',
    file: 'settlement',
    labels: {
      payer: 'Paid by',
      dealer: 'Paid to',
      programme: 'Programme',
      period: 'Period',
      settlement: 'Settlement',
      cutOff: 'Counted is what happened before',
      volume: 'Volume that counts',
      target: 'Target',
      baseline: 'Baseline',
      due: 'Amount due',
      overpaid: 'Overpaid',
      outlet: 'How it is paid',
    },
    dates: (from, to) => `${from} to ${to}`,
    settlement: (no, kind) => `no. ${no}, ${kind}`,
    postedIn: (period) => `posted in ${period}`,
    headings: {
      calculation: 'How the amount comes about',
      conditions: 'Conditions for being paid',
      proof: 'What it rests on',
      lines: 'Lines that count',
    },
    due: 'Due',
    earned: (version) => `Earned in the period, by version ${version} of the programme`,
    tier: (no) => `Tier ${no}`,
    noTier: 'No tier',
    sum: 'Sum',
    onBase: (base) => `on ${base}`,
    units: (units) => `of ${units}`,
    times: (each, times) => `${each} × ${times}`,
    missing: {
      target: 'No target was set: nothing can be earned',
      baseline: 'No baseline was fixed: nothing can be earned',
    },
    cap: 'Above what is paid at most',
    floor: 'Raised to what is paid at least',
    gate: 'Taken by conditions that are not met',
    rounding: (mode) => `Rounding ${mode}`,
    settled: (no) => `Paid by settlement no. ${no}`,
    clawedBack: (no) => `Taken back by settlement no. ${no}`,
    awarded: (no) => `Awarded about settlement no. ${no}`,
    ofDispute: (text, disputeId) => `${text}, dispute ${disputeId}`,
    met: (condition, found) => `Met, with ${found}: ${condition}`,
    notMet: (condition, found) => `Not met, with ${found}: ${condition}`,
    nothingFound: 'nothing on record',
    columns: {
      no: 'No.',
      tier: 'Tier',
      date: 'Date',
      order: 'Order',
      sku: 'Product',
      kind: 'Kind',
      quantity: 'Quantity',
      unit: 'Unit',
      base: 'Base',
      earnedBefore: 'Earned elsewhere',
      rate: 'Rate',
      share: 'Share',
      time: 'Time',
      event: 'Event',
      eventLine: 'Line of the event',
    },
    kind: { sale: 'sale', return: 'return' },
    total: 'Total',
    verified: (position) =>
      `Worked out again for this statement from the ledger as it stood at position ${position}; the fingerprint of the explanation is the one that was recorded with the settlement.`,
    addsUp: 'The shares of all lines, the limits, the conditions and the rounding add up to what is earned, exactly.',
    otherUnits: (lines, unit) => `${lines} lines in other units than ${unit} do not count.`,
    notVerified:
      'CAUTION: worked out again, the explanation has another fingerprint than the one that was recorded with the settlement. Do not pay by this statement.',
    fingerprint: (hash) => `Fingerprint of the explanation (SHA-256): ${hash}`,
    rests: (position, cutOff) => `Ledger position ${position}, cut-off ${cutOff}`,
  },
  'zh-CN': {
    title: '返利结算单',
    file: '返利结算单',
    labels: {
      payer: '付款方',
      dealer: '收款方',
      programme: '返利方案',
      period: '结算期间',
      settlement: '结算编号',
      cutOff: '计入截止时点（不含）',
      volume: '计入量',
      target: '目标',
      baseline: '基期',
      due: '应付金额',
      overpaid: '多付金额',
      outlet: '兑付方式',
    },
    dates: (from, to) => `${from} 至 ${to}`,
    settlement: (no, kind) =>
      `第 ${no} 号，${{ interim: '中期结算', final: '最终结算', adjustment: '调整结算' }[kind]}`,
    postedIn: (period) => `记入 ${period}`,
    headings: { calculation: '金额的计算', conditions: '兑付条件', proof: '依据', lines: '计入明细' },
    due: '应付',
    earned: (version) => `本期应得（按方案第 ${version} 版）`,
    tier: (no) => `第 ${no} 档`,
    noTier: '未达档位',
    sum: '定额',
    onBase: (base) => `基数 ${base}`,
    units: (units) => `数量 ${units}`,
    times: (each, times) => `${each} × ${times}`,
    missing: { target: '未设定目标，不产生返利', baseline: '未确定基期，不产生返利' },
    cap: '超出封顶部分',
    floor: '保底补足',
    gate: '因未满足兑付条件而扣减',
    rounding: (mode) => `取整（${mode}）`,
    settled: (no) => `第 ${no} 号结算已付`,
    clawedBack: (no) => `第 ${no} 号结算已追回`,
    awarded: (no) => `就第 ${no} 号结算裁定增加`,
    ofDispute: (text, disputeId) => `${text}（争议 ${disputeId}）`,
    met: (condition, found) => `满足（实际 ${found}）：${condition}`,
    notMet: (condition, found) => `未满足（实际 ${found}）：${condition}`,
    nothingFound: '无记录',
    columns: {
      no: '序号',
      tier: '档位',
      date: '日期',
      order: '订单',
      sku: '产品',
      kind: '类型',
      quantity: '数量',
      unit: '单位',
      base: '基数',
      earnedBefore: '其他方案已计',
      rate: '比例',
      share: '返利',
      time: '时间',
      event: '事件',
      eventLine: '事件行号',
    },
    kind: { sale: '销售', return: '退货' },
    total: '合计',
    verified: (position) => `本单依据账本位置 ${position} 时的记录重新计算，其计算说明的指纹与结算时记录的一致。`,
    addsUp: '各明细行返利、限额、兑付条件及取整之和，与本期应得完全相等。',
    otherUnits: (lines, unit) => `另有 ${lines} 行计量单位不是 ${unit}，不计入。`,
    notVerified: '注意：重新计算所得的指纹与结算时记录的不一致，请勿据此付款。',
    fingerprint: (hash) => `计算说明的指纹（SHA-256）：${hash}`,
    rests: (position, cutOff) => `账本位置 ${position}，截止 ${cutOff}`,
  },
}
