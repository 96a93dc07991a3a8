import type { SerialCommand } from '../../../domain/serials/commands.ts'
import { serialAggregate } from '../../../domain/serials/serial.ts'
import { containersOf } from '../../../domain/serials/state.ts'
import { text, type Kind } from '../kind.ts'
import { step, timeOf } from '../step.ts'

export const serialMoves: Kind = {
  name: 'serial-moves',
  required: ['move_id', 'kind', 'serial', 'on'],
  optional: ['dealer_id', 'parent', 'shipment_id', 'order_id', 'transfer_id', 'return_id', 'reason', 'zone'],
  key: (values) => [text(values, 'move_id'), text(values, 'serial'), ''],
  // where goods are, their containers say
  async restsOn(values, { load }) {
    const own = text(values, 'serial')
    const containers = await containersOf(own, (serial) => load(serialAggregate, serial))
    return { own, others: [own, ...containers, ...(values['parent'] === undefined ? [] : [values['parent']])] }
  },
  steps({ head: { values } }, { company: companyId, zone }) {
    const { serial, dealer_id: dealerId, reason = 'import' } = values
    const at = timeOf(values['on'], values['zone'] ?? zone)
    const moved = { serial, companyId, dealerId }
    const one = (type: SerialCommand['type'], input: Readonly<Record<string, unknown>>) => [
      step(serialAggregate, type, input, at),
    ]
    switch (values['kind']) {
      case 'pack':
        return one('PackSerial', { serial, parent: values['parent'] })
      case 'take-out':
        return one('TakeOutSerial', { serial, reason })
      case 'unpack':
        return one('UnpackContainer', { serial })
      case 'receive':
        return one('ReceiveSerial', moved)
      case 'transfer':
        return one('TransferSerial', { ...moved, transferId: values['transfer_id'] })
      case 'return':
        return one('ReturnSerial', { ...moved, returnId: values['return_id'], reason })
      default: {
        // another word is refused by the shape of the row, as a shipment is taken
        const shipment = { ...moved, shipmentId: values['shipment_id'], orderId: values['order_id'] }
        const rule = 'pack, take-out, unpack, ship, receive, transfer or return'
        return one('ShipSerial', shipment).map((step) =>
          values['kind'] === 'ship' ? step : { ...step, issues: [{ field: 'kind', rule }] },
        )
      }
    }
  },
}
