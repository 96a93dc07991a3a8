import type { PaperLanguage } from '../kernel/paper.ts'
import type { StatementLine } from './drawStatement.ts'
import type { EntryKind } from './events.ts'

/** What a statement of account is made of, in one language. */
export interface StatementWords {
  readonly title: string
  readonly file: string
  readonly no: (no: number, version: number) => string
  readonly labels: Readonly<
    Record<'company' | 'dealer' | 'statement' | 'period' | 'opening' | 'closing' | 'owed' | 'owing', string>
  >
  readonly dates: (from: string, to: string) => string
  readonly headings: Readonly<Record<'totals' | 'lines' | 'proof', string>>
  readonly columns: Readonly<
    Record<
      | 'no'
      | 'date'
      | 'kind'
      | 'document'
      | 'order'
      | 'detail'
      | 'reference'
      | 'dueOn'
      | 'value'
      | 'effect'
      | 'balance'
      | 'time'
      | 'id'
      | 'count',
      string
    >
  >
  readonly kinds: Readonly<Record<EntryKind, string>>
  readonly records: Readonly<Record<StatementLine['record'], (kind: string) => string>>
  readonly proof: readonly string[]
  readonly notVerified: string
  readonly fingerprint: (hash: string) => string
  readonly rests: (position: string) => string
}

export const statementWords: Readonly<Record<PaperLanguage, StatementWords>> = {
  en: {
    title: 'Statement of account',
    file: 'statement',
    no: (no, version) => `no. ${no}, version ${version}`,
    labels: {
      company: 'From',
      dealer: 'To',
      statement: 'Statement',
      period: 'Period',
      opening: 'Opening balance',
      closing: 'Closing balance',
      owed: 'Owed at the end',
      owing: 'In your favour at the end',
    },
    dates: (from, to) => `from ${from} until before ${to}`,
    headings: { totals: 'In short', lines: 'Lines', proof: 'How to check it' },
    columns: {
      no: 'No.',
      date: 'Date',
      kind: 'Kind',
      document: 'Document',
      order: 'Order',
      detail: 'Detail',
      reference: 'Reference',
      dueOn: 'Due on',
      value: 'Worth',
      effect: 'Adds to the debt',
      balance: 'Balance',
      time: 'Time',
      id: 'Line',
      count: 'Number',
    },
    kinds: {
      order: 'order',
      delivery: 'delivery',
      goods_return: 'goods returned',
      invoice: 'invoice',
      debit_note: 'debit note',
      invoice_cancelled: 'invoice cancelled',
      payment: 'payment',
      payment_reversed: 'payment reversed',
      credit_note: 'credit note',
      offset: 'credit set off',
    },
    records: {
      line: (kind) => kind,
      late: (kind) => `${kind}, recorded late`,
      withdrawn: (kind) => `${kind}, withdrawn`,
    },
    proof: [
      'Opening balance and what all lines add to the debt make the closing balance, exactly. Orders, deliveries and returned goods are shown to be compared and add nothing.',
      'Recorded late: it belongs to an earlier period and became known after its statement. Withdrawn: an earlier statement held it, and it was an error.',
      'The CSV file of this statement has the fingerprint below as its SHA-256. Please confirm the statement by it, or dispute its lines.',
    ],
    notVerified: 'CAUTION: drawn again, the statement has another fingerprint than the one that was published.',
    fingerprint: (hash) => `Fingerprint (SHA-256): ${hash}`,
    rests: (position) => `Ledger position ${position}`,
  },
  'zh-CN': {
    title: '对账单',
    file: '对账单',
    no: (no, version) => `第 ${no} 期，版本 ${version}`,
    labels: {
      company: '出具方',
      dealer: '对账方',
      statement: '对账单',
      period: '期间',
      opening: '期初余额',
      closing: '期末余额',
      owed: '期末应付',
      owing: '期末贵方余额',
    },
    dates: (from, to) => `自 ${from} 起至 ${to} 前`,
    headings: { totals: '汇总', lines: '明细', proof: '核对方法' },
    columns: {
      no: '序号',
      date: '日期',
      kind: '类别',
      document: '单据',
      order: '订单',
      detail: '说明',
      reference: '参考号',
      dueOn: '到期日',
      value: '货值',
      effect: '增加应付',
      balance: '余额',
      time: '时间',
      id: '行号',
      count: '笔数',
    },
    kinds: {
      order: '订单',
      delivery: '交货',
      goods_return: '退货',
      invoice: '发票',
      debit_note: '借项通知单',
      invoice_cancelled: '发票作废',
      payment: '付款',
      payment_reversed: '付款冲回',
      credit_note: '贷项通知单',
      offset: '冲抵货款',
    },
    records: {
      line: (kind) => kind,
      late: (kind) => `${kind}（迟录）`,
      withdrawn: (kind) => `${kind}（撤回）`,
    },
    proof: [
      '期初余额加各行「增加应付」之和等于期末余额，分毫不差。订单、交货与退货仅供核对，不影响余额。',
      '迟录：属于更早期间，在该期对账单发布之后才入账。撤回：更早的对账单曾列示，后被声明为错误。',
      '本对账单 CSV 文件的 SHA-256 即为下列指纹。请据此确认对账单，或对具体行提出异议。',
    ],
    notVerified: '注意：重新生成的对账单与已发布的指纹不一致。',
    fingerprint: (hash) => `指纹（SHA-256）：${hash}`,
    rests: (position) => `账本位置 ${position}`,
  },
}
