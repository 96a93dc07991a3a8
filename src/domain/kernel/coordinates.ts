import { z } from 'zod'
import { parseDecimal } from './decimal.ts'
import { lineAmount } from './fields.ts'

const degrees = (limit: bigint) =>
  lineAmount.refine(
    (text) => {
      const value = parseDecimal(text)
      return value >= -limit && value <= limit
    },
    `degrees between -${limit / 1_000_000n} and ${limit / 1_000_000n}, at most 6 digits after the point`,
  )

/** A point on the earth, WGS 84, in decimal degrees. */
export const coordinates = z.strictObject({ latitude: degrees(90_000_000n), longitude: degrees(180_000_000n) })
export type Coordinates = z.infer<typeof coordinates>
