import { sellOutAggregate } from '../../../domain/sellout/report.ts'
import { text, type Kind, type Values } from '../kind.ts'
import { decimalOf, given, step, timeOf, wholeOf } from '../step.ts'

const rowKinds = ['sold', 'shelf', 'none', 'withdrawn']

/** A report is the rows that follow one another with its dealer, number and revision; what it says of itself stands in the first. */
export const sellOut: Kind = {
  name: 'sell-out',
  required: [
    'dealer_id',
    'report_number',
    'revision',
    'reported_on',
    'from',
    'to',
    'line_number',
    'sku',
    'unit',
    'quantity',
    'day',
  ],
  optional: ['document_type', 'kind', 'outlet_id', 'unit_price', 'currency', 'reason', 'zone'],
  document: ['dealer_id', 'report_number', 'revision'],
  key: (values) => [`${text(values, 'dealer_id')} ${text(values, 'report_number')}`, '', text(values, 'revision')],
  steps({ head: { values }, lines }, { system, company, zone }) {
    const at = timeOf(values['reported_on'], values['zone'] ?? zone)
    const report = {
      dealerId: values['dealer_id'],
      source: system,
      documentType: values['document_type'] ?? 'report',
      number: values['report_number'],
    }
    const ofKind = (kind: string): Values[] =>
      lines.flatMap(({ values: line }) => ((line['kind'] ?? 'sold') === kind ? [line] : []))
    const issues = lines.some(({ values: line }) => !rowKinds.includes(line['kind'] ?? 'sold'))
      ? [{ field: 'kind', rule: rowKinds.join(', ') }]
      : []
    if (ofKind('withdrawn').length > 0) {
      const { reason = 'withdrawn' } = values
      const withdrawal = step(sellOutAggregate, 'WithdrawSellOut', { ...report, reason }, at)
      return [{ ...withdrawal, issues: [...withdrawal.issues, ...issues] }]
    }
    const place = (line: Values): object => ({
      outletId: line['outlet_id'],
      sku: line['sku'],
      unit: line['unit'],
      day: line['day'],
    })
    const command = {
      ...report,
      companyId: company,
      revision: wholeOf(values['revision']),
      from: values['from'],
      to: values['to'],
      lines: ofKind('sold').map((line) =>
        given({
          ...place(line),
          lineNo: wholeOf(line['line_number']),
          quantity: decimalOf(line['quantity']),
          price:
            line['unit_price'] === undefined
              ? undefined
              : given({ unitPrice: decimalOf(line['unit_price']), currency: line['currency'] }),
        }),
      ),
      shelf: ofKind('shelf').map((line) => given({ ...place(line), onHand: decimalOf(line['quantity']) })),
    }
    const reported = step(sellOutAggregate, 'ReportSellOut', command, at)
    return [{ ...reported, issues: [...reported.issues, ...issues] }]
  },
}
