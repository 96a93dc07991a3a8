import { transferAggregate } from '../../../domain/stock/transfer.ts'
import { text, type Kind } from '../kind.ts'
import { decimalOf, step, timeOf } from '../step.ts'

/** An order to move goods from one dealer to another; what moved by it, stock movements and serial moves say. */
export const transfers: Kind = {
  name: 'transfers',
  required: ['transfer_id', 'from_party', 'to_party', 'sku', 'quantity', 'on'],
  optional: ['from_location', 'to_location', 'reason', 'zone'],
  key: (values) => [text(values, 'transfer_id'), '', ''],
  checksSku: true,
  steps({ head: { values } }, { company, zone }) {
    const transfer = {
      transferId: values['transfer_id'],
      companyId: company,
      from: { party: values['from_party'], location: values['from_location'] ?? 'main' },
      to: { party: values['to_party'], location: values['to_location'] ?? 'main' },
      reason: values['reason'] ?? 'import',
      lines: [{ lineNo: 1, sku: values['sku'], quantity: decimalOf(values['quantity']) }],
    }
    return [step(transferAggregate, 'RequestTransfer', transfer, timeOf(values['on'], values['zone'] ?? zone))]
  },
}
