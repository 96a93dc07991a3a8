import { z } from 'zod'
import {
  code,
  country,
  currency,
  identifier,
  label,
  localLabel,
  personalText,
  plainText,
  region,
  zone,
} from '../kernel/fields.ts'

/** Who a dealer is as a legal entity, and where it trades. */
export const dealerProfile = z.strictObject({
  legalName: localLabel,
  legalId: identifier.optional(),
  /** kind of business, such as `warehouse`, `specialty-bike-shop` */
  kind: code,
  country,
  /** inside its country: `US/Washington` with country `US` */
  region,
  city: label.optional(),
  zone,
  currencies: z.array(currency).min(1).max(20),
})
export type DealerProfile = z.infer<typeof dealerProfile>

/** Where a dealer stands: level 1 is a tier-1 distributor, level 2 buys under a parent of level 1 (domain.md §5). */
export const dealerPlace = z.strictObject({
  tierLevel: z.union([z.literal(1), z.literal(2)]),
  parentDealerId: identifier.optional(),
  /** the group of companies it belongs to, for credit limits */
  groupId: identifier.optional(),
})
export type DealerPlace = z.infer<typeof dealerPlace>

/** The person to talk to, as it stands in events: sealed per person. */
export const sealedContact = z.strictObject({
  personId: identifier,
  name: personalText,
  phone: personalText.optional(),
  email: personalText.optional(),
})
export const plainContact = z.strictObject({
  personId: identifier,
  name: plainText,
  phone: plainText.optional(),
  email: plainText.optional(),
})
export const contactIsPersonal = {
  'contact.name': 'contact.personId',
  'contact.phone': 'contact.personId',
  'contact.email': 'contact.personId',
} as const
