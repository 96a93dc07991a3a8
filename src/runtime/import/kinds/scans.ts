import { serialAggregate } from '../../../domain/serials/serial.ts'
import { text, type Kind } from '../kind.ts'
import { decimalOf, given, step, timeOf, wholeOf } from '../step.ts'

/** A scan of an unknown code is recorded as such, and stands in the report as `serials.unknown`. */
export const scans: Kind = {
  name: 'scans',
  required: ['scan_id', 'serial', 'role', 'on'],
  optional: [
    'region',
    'latitude',
    'longitude',
    'accuracy_metres',
    'device',
    'dealer_id',
    'outlet_id',
    'unreadable',
    'zone',
  ],
  key: (values) => [text(values, 'scan_id'), text(values, 'serial'), ''],
  steps({ head: { values } }, { company, zone }) {
    const [latitude, longitude] = [decimalOf(values['latitude']), decimalOf(values['longitude'])]
    const scan = {
      serial: values['serial'],
      companyId: company,
      scanId: values['scan_id'],
      role: values['role'],
      region: values['region'],
      place: latitude === undefined && longitude === undefined ? undefined : given({ latitude, longitude }),
      accuracyMetres: wholeOf(values['accuracy_metres']),
      device: values['device'],
      dealerId: values['dealer_id'],
      outletId: values['outlet_id'],
      unreadable: wholeOf(values['unreadable']),
    }
    return [step(serialAggregate, 'ObserveScan', scan, timeOf(values['on'], values['zone'] ?? zone))]
  },
}
