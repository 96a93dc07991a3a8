import { outletAggregate } from '../../../domain/outlets/outlet.ts'
import { outletAt } from '../../../domain/outlets/state.ts'
import { text, type Kind } from '../kind.ts'
import { decimalOf, firstOrNext, given, labelOf, step, timeOf } from '../step.ts'

/** A row says all of an outlet from a day on: what it is, whose it is, and whether it is closed. */
export const outlets: Kind = {
  name: 'outlets',
  required: ['outlet_id', 'dealer_id', 'name', 'kind', 'region', 'zone', 'effective_from'],
  optional: ['name_zh', 'city', 'latitude', 'longitude', 'territory_id', 'status', 'reason'],
  key: (values) => [text(values, 'outlet_id'), '', text(values, 'effective_from')],
  restsOn: (values) => ({ own: text(values, 'outlet_id'), others: [text(values, 'outlet_id')] }),
  steps({ head: { values } }, { company }) {
    const effectiveAt = timeOf(values['effective_from'], values['zone'] ?? 'UTC')
    const outletId = text(values, 'outlet_id')
    const { status = 'open', reason = 'import' } = values
    const [latitude, longitude] = [decimalOf(values['latitude']), decimalOf(values['longitude'])]
    const profile = given({
      outletId,
      name: labelOf(values['name'], values['name_zh']),
      kind: values['kind'],
      region: values['region'],
      city: values['city'],
      place: latitude === undefined && longitude === undefined ? undefined : given({ latitude, longitude }),
      zone: values['zone'],
      effectiveAt,
    })
    const whose = { dealerId: values['dealer_id'], territoryId: values['territory_id'] }
    const register = step(outletAggregate, 'RegisterOutlet', { ...profile, ...whose, companyId: company }, effectiveAt)
    const issues = ['open', 'closed'].includes(status) ? [] : [{ field: 'status', rule: 'open or closed' }]
    return [
      {
        ...firstOrNext(
          register,
          step(outletAggregate, 'ReviseOutlet', profile, effectiveAt),
          outletAggregate,
          (state) => outletAt(state, effectiveAt) !== undefined,
        ),
        issues: [...register.issues, ...issues],
      },
      step(outletAggregate, 'MoveOutlet', { outletId, ...whose, reason, effectiveAt }, effectiveAt, 'dealer'),
      ...(status === 'closed'
        ? [step(outletAggregate, 'CloseOutlet', { outletId, reason, effectiveAt }, effectiveAt, 'closing')]
        : []),
    ]
  },
}
