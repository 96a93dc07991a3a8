import { accountAggregate } from '../../../domain/credit/account.ts'
import { text, type Kind } from '../kind.ts'
import { minorOf, step, timeOf } from '../step.ts'
import { accountAt } from './accountAt.ts'

export const payments: Kind = {
  name: 'payments',
  required: ['payment_id', 'dealer_id', 'currency', 'amount', 'received_on'],
  optional: ['method', 'reference', 'invoice_id', 'allocate', 'zone'],
  key: (values) => [text(values, 'payment_id'), '', ''],
  async steps({ head: { values } }, around) {
    const zone = values['zone'] ?? around.zone
    const at = timeOf(values['received_on'], zone)
    const accountId = await accountAt(values, around, 'received_on', zone)
    const { payment_id: paymentId, invoice_id: invoiceId, currency } = values
    const amount = minorOf(values['amount'], currency)
    const payment = {
      accountId,
      companyId: around.company,
      dealerId: values['dealer_id'],
      currency,
      paymentId,
      amount,
      method: values['method'],
      reference: values['reference'],
      allocate: invoiceId === undefined ? values['allocate'] : undefined,
    }
    return [
      step(accountAggregate, 'ReceivePayment', payment, at),
      ...(invoiceId === undefined
        ? []
        : [
            step(
              accountAggregate,
              'AllocatePayment',
              { accountId, paymentId, to: [{ invoiceId, amount }] },
              at,
              'allocated',
            ),
          ]),
    ]
  },
}
