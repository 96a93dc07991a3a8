import { z } from 'zod'
import { coordinates } from '../kernel/coordinates.ts'
import { code, label, localLabel, region, zone } from '../kernel/fields.ts'

/** What an outlet is and where it stands. */
export const outletProfile = z.strictObject({
  name: localLabel,
  /** such as `store`, `workshop`, `counter`, `web-shop` */
  kind: code,
  region,
  city: label.optional(),
  place: coordinates.optional(),
  zone,
})
export type OutletProfile = z.infer<typeof outletProfile>

export function outletProfileOf({ name, kind, region, city, place, zone }: OutletProfile): OutletProfile {
  return { name, kind, region, ...(city !== undefined && { city }), ...(place && { place }), zone }
}
