import { serialAggregate } from '../../../domain/serials/serial.ts'
import { text, type Kind } from '../kind.ts'
import { listOf, step, timeOf } from '../step.ts'

/** Containers come before what they hold: fastest when all of them do. */
export const serials: Kind = {
  name: 'serials',
  required: ['serial', 'on'],
  optional: ['kind', 'sku', 'lot', 'children', 'packed_into', 'zone'],
  key: (values) => [text(values, 'serial'), '', ''],
  restsOn: (values) => ({ own: text(values, 'serial'), others: listOf(values['packed_into']) ?? [] }),
  steps({ head: { values } }, { company, zone }) {
    const code = {
      serial: values['serial'],
      companyId: company,
      kind: values['kind'],
      sku: values['sku'],
      lot: values['lot'],
      children: listOf(values['children']),
      packedInto: values['packed_into'],
    }
    return [step(serialAggregate, 'CommissionSerial', code, timeOf(values['on'], values['zone'] ?? zone))]
  },
}
