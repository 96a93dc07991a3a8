import { conductAggregate } from '../../../domain/conduct/conduct.ts'
import { text, type Kind } from '../kind.ts'
import { step, timeOf } from '../step.ts'

export const evidence: Kind = {
  name: 'evidence',
  required: ['evidence_id', 'dealer_id', 'kind', 'on'],
  optional: ['document_hash', 'note', 'zone'],
  key: (values) => [text(values, 'dealer_id'), text(values, 'evidence_id'), ''],
  steps({ head: { values } }, { company, zone }) {
    const recorded = {
      companyId: company,
      dealerId: values['dealer_id'],
      evidenceId: values['evidence_id'],
      kind: values['kind'],
      documentHash: values['document_hash'],
      note: values['note'],
    }
    return [step(conductAggregate, 'RecordEvidence', recorded, timeOf(values['on'], values['zone'] ?? zone))]
  },
}
