import { territoryAggregate } from '../../../domain/dealers/territory.ts'
import { text, type Kind } from '../kind.ts'
import { firstOrNext, flagOf, labelOf, listOf, step, timeOf } from '../step.ts'

export const territories: Kind = {
  name: 'territories',
  required: ['territory_id', 'name', 'regions', 'effective_from'],
  optional: ['name_zh', 'exclusive', 'zone'],
  key: (values) => [text(values, 'territory_id'), '', text(values, 'effective_from')],
  steps({ head: { values } }, { company, zone }) {
    const at = timeOf(values['effective_from'], values['zone'] ?? zone)
    const territoryId = text(values, 'territory_id')
    const terms = {
      territoryId,
      name: labelOf(values['name'], values['name_zh']),
      regions: listOf(values['regions']),
      exclusive: flagOf(values['exclusive'] ?? 'false'),
      effectiveAt: at,
    }
    return [
      firstOrNext(
        step(territoryAggregate, 'DefineTerritory', { ...terms, companyId: company }, at),
        step(territoryAggregate, 'ReviseTerritory', terms, at),
        territoryAggregate,
        ({ known }) => known,
      ),
    ]
  },
}
