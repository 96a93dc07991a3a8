import { dealerAggregate } from '../../../domain/dealers/decide.ts'
import { standardTerms } from '../../../domain/dealers/terms.ts'
import { text, type Kind } from '../kind.ts'
import { firstOrNext, given, labelOf, listOf, step, timeOf, wholeOf } from '../step.ts'

export const dealers: Kind = {
  name: 'dealers',
  required: ['dealer_id', 'name', 'kind', 'country', 'region', 'zone', 'currencies', 'effective_from'],
  optional: [
    'name_zh',
    'legal_id',
    'city',
    'tier_level',
    'parent_dealer_id',
    'group_id',
    'tier',
    'territory_id',
    'payment_term_days',
    'backorder_policy',
    'invoice_on',
    'contact_id',
    'contact_name',
    'contact_phone',
    'contact_email',
  ],
  key: (values) => [text(values, 'dealer_id'), '', text(values, 'effective_from')],
  restsOn: (values) => ({ own: text(values, 'dealer_id'), others: listOf(values['parent_dealer_id']) ?? [] }),
  steps({ head: { values } }, { company }) {
    const at = timeOf(values['effective_from'], values['zone'] ?? 'UTC')
    const dealerId = text(values, 'dealer_id')
    const profile = given({
      dealerId,
      legalName: labelOf(values['name'], values['name_zh']),
      legalId: values['legal_id'],
      kind: values['kind'],
      country: values['country'],
      region: values['region'],
      city: values['city'],
      zone: values['zone'],
      currencies: listOf(values['currencies']),
      effectiveAt: at,
    })
    const place = given({
      tierLevel: wholeOf(values['tier_level'] ?? '1'),
      parentDealerId: values['parent_dealer_id'],
      groupId: values['group_id'],
    })
    const contact = given({
      personId: values['contact_id'],
      name: values['contact_name'],
      phone: values['contact_phone'],
      email: values['contact_email'],
    })
    const hasContact = Object.keys(contact).length > 0
    const register = { ...profile, ...place, companyId: company }
    const { tier, territory_id: territoryId, payment_term_days: days } = values
    const policy = values['backorder_policy']
    const invoiceOn = values['invoice_on']
    const terms = {
      ...standardTerms,
      ...given({ paymentTermDays: wholeOf(days), backorderPolicy: policy, invoiceOn }),
    }
    const own = { dealerId, effectiveAt: at }
    const changeId = `${dealerId}.${text(values, 'effective_from').slice(0, 10)}`
    return [
      firstOrNext(
        step(dealerAggregate, 'RegisterDealer', register, at),
        step(dealerAggregate, 'ReviseDealerProfile', profile, at),
        dealerAggregate,
        ({ known }) => known,
      ),
      step(dealerAggregate, 'AssignDealerParent', { ...place, ...own }, at, 'parent'),
      ...(hasContact
        ? [step(dealerAggregate, 'ChangeDealerContact', { ...own, changeId, contact }, at, 'contact')]
        : []),
      ...(tier === undefined
        ? []
        : [step(dealerAggregate, 'AssignTier', { ...own, tier, reason: 'import', causes: [changeId] }, at, 'tier')]),
      ...(territoryId === undefined
        ? []
        : [step(dealerAggregate, 'AssignTerritory', { ...own, territoryId }, at, 'territory')]),
      ...(days === undefined && policy === undefined && invoiceOn === undefined
        ? []
        : [step(dealerAggregate, 'SetDealerTerms', { ...own, ...terms }, at, 'terms')]),
    ]
  },
}
