import { instantOf } from '../../../domain/kernel/businessTime.ts'
import type { DealerEvent, TerritoryEvent } from '../../../domain/dealers/events.ts'
import { type DealerProfile } from '../../../domain/dealers/profile.ts'
import { placeOf, profileOf } from '../../../domain/dealers/state.ts'
import type { RecordedEvent } from '../../../ledger/envelope.ts'
import { type Fact, factTable, type ReadModel } from '../../engine/factTable.ts'

const dealers = factTable(
  'dealers',
  { dealer_id: 'text' },
  {
    lasts: {
      company_id: 'text',
      profile: 'jsonb',
      /** lower case: id, legal names, legal id, city; nothing personal */
      search: 'text',
      place: 'jsonb',
      parent_id: 'text',
      tier: 'text',
      territory: 'jsonb',
      terms: 'jsonb',
      status: 'text',
      status_reason: 'text',
      /** sticks: exit is final (`statusAt` of the domain) */
      exited: 'boolean',
      /** the person to talk to: name, phone and address are sealed */
      contact: 'jsonb',
      /** of a tier fact: the tier before, why, and what caused it */
      tier_cause: 'jsonb',
      breaches: 'jsonb',
    },
    time: 'versioned',
  },
)
const territories = factTable(
  'territories',
  { territory_id: 'text' },
  {
    lasts: {
      company_id: 'text',
      territory: 'jsonb',
      /** `{ "dealerId": … }`, null inside after a release */
      holder: 'jsonb',
    },
    time: 'versioned',
  },
)

/** Dealers and territories, effective-dated. */
export const dealersModel: ReadModel = {
  name: 'dealers',
  version: 2,
  events: [
    'DealerRegistered',
    'DealerProfileRevised',
    'DealerContactChanged',
    'DealerParentAssigned',
    'TierAssigned',
    'TerritoryAssigned',
    'DealerTermsSet',
    'DealerSuspended',
    'DealerReinstated',
    'DealerExited',
    'TerritoryDefined',
    'TerritoryRevised',
    'TerritoryGranted',
    'TerritoryReleased',
  ],
  tables: [dealers, territories],
  facts: (event) => [dealersFact(event as RecordedEvent & (DealerEvent | TerritoryEvent))], // the types it declares, checked when appended
}

type Lasts = NonNullable<Fact['lasts']>

function dealersFact(event: DealerEvent | TerritoryEvent): Fact {
  const dealer = (lasts: Lasts): Fact => ({
    table: 'dealers',
    key: { dealer_id: 'dealerId' in event.data ? event.data.dealerId : null },
    at: instantOf(event.data.effectiveAt),
    lasts: { ...lasts, breaches: 'breaches' in event.data ? event.data.breaches : [] },
  })
  const territory = (lasts: Lasts): Fact => ({
    table: 'territories',
    key: { territory_id: 'territoryId' in event.data ? event.data.territoryId : null },
    at: instantOf(event.data.effectiveAt),
    lasts,
  })
  switch (event.type) {
    case 'DealerRegistered': {
      const { dealerId, companyId, contact } = event.data
      return dealer({
        company_id: companyId,
        status: 'active',
        contact,
        ...profileColumns(dealerId, event.data),
        ...placeColumns(event.data),
      })
    }
    case 'DealerProfileRevised':
      return dealer(profileColumns(event.data.dealerId, event.data))
    case 'DealerContactChanged':
      return dealer({ contact: event.data.contact })
    case 'DealerParentAssigned':
      return dealer(placeColumns(event.data))
    case 'TierAssigned': {
      const { tier, previousTier, reason, causes } = event.data
      return dealer({ tier, tier_cause: { ...(previousTier !== undefined && { previousTier }), reason, causes } })
    }
    case 'TerritoryAssigned': {
      const { territoryId, territoryVersion } = event.data
      return dealer({ territory: { territoryId, territoryVersion } })
    }
    case 'DealerTermsSet': {
      const { dealerId: _id, effectiveAt: _at, ...terms } = event.data
      return dealer({ terms })
    }
    case 'DealerSuspended':
      return dealer({ status: 'suspended', status_reason: event.data.reason })
    case 'DealerReinstated':
      return dealer({ status: 'active', status_reason: event.data.reason })
    case 'DealerExited':
      return dealer({ status: 'exited', status_reason: event.data.reason, exited: true })
    case 'TerritoryDefined': {
      const { territoryId: _id, companyId, effectiveAt: _at, ...terms } = event.data
      return territory({ company_id: companyId, territory: terms })
    }
    case 'TerritoryRevised': {
      const { territoryId: _id, effectiveAt: _at, ...terms } = event.data
      return territory({ territory: terms })
    }
    case 'TerritoryGranted':
      return territory({ holder: { dealerId: event.data.dealerId } })
    case 'TerritoryReleased':
      return territory({ holder: { dealerId: null } })
    default:
      return event satisfies never
  }
}

function profileColumns(dealerId: string, from: DealerProfile): Lasts {
  const profile = profileOf(from)
  const { legalName, legalId, city } = profile
  const words = [dealerId, legalName.en, legalName['zh-CN'], legalId, city]
  return {
    profile,
    search: words
      .filter((word) => word !== undefined)
      .join('\n')
      .toLowerCase(),
  }
}

/** Level 1 has no parent: the empty text takes an earlier one away. */
function placeColumns(from: Parameters<typeof placeOf>[0]): Lasts {
  return { place: placeOf(from), parent_id: from.parentDealerId ?? '' }
}
