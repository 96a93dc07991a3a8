import { z } from 'zod'
import { isBusinessTime, isCalendarDate, isZone } from './businessTime.ts'
import { isCurrency } from './currency.ts'
import { isDecimal } from './decimal.ts'

/**
 * The field types that events and commands are made of. Every text field has one of these classes; free text is personal data.
 * Those that are read as numbers or times end the check of the whole where they do not fit (`abort`): rules between
 * fields may then read them without looking again.
 */
const abort = (error: string): { readonly error: string; readonly abort: true } => ({ error, abort: true })

/** Business identifiers as they come from the trade: dealer, sku, order number, document number. No spaces at the ends, no control characters. */
export const identifier = z
  .string()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._/-]{0,63}$/u, 'an identifier of 1 to 64 letters, digits, and . _ / -')
/** A code of our own: lower case, digits, dashes. */
export const code = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'a code of lower-case letters, digits and dashes')
/** A name of a thing or a legal entity: not personal data. */
export const label = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'no control characters')
/** Published text about a thing (a product description): not personal data. */
export const publicText = z
  .string()
  .max(4000)
  .regex(/^[^\p{Cs}]*$/u, 'no lone surrogates')
/** The same label in several languages: `{ en, "zh-CN" }`, at least one. */
export const localLabel = z
  .strictObject({ en: label.optional(), 'zh-CN': label.optional() })
  .refine((v) => v.en !== undefined || v['zh-CN'] !== undefined, 'at least one language')

export const currency = z.string().refine(isCurrency, abort('an active ISO 4217 currency code'))
export const country = z.string().regex(/^[A-Z]{2}$/, 'an ISO 3166 two-letter code')
export const zone = z.string().max(64).refine(isZone, abort('an IANA time zone'))
export const calendarDate = z.string().refine(isCalendarDate, abort('a calendar date YYYY-MM-DD'))
/** Business time, RFC 9557 with milliseconds, offset and zone. */
export const businessTime = z
  .string()
  .max(100)
  .refine(
    isBusinessTime,
    abort('RFC 9557 time with milliseconds, such as 2026-01-15T08:30:00.000+08:00[Asia/Shanghai]'),
  )

const decimal = (scale: number, signed: boolean) =>
  z
    .string()
    .max(30)
    .refine(
      (text) => isDecimal(text, scale) && (signed || !text.startsWith('-')),
      abort(`a decimal string with at most ${scale} digits after the point${signed ? '' : ', not negative'}`),
    )

/** Unit price, scale 6, ≥ 0. */
export const price = decimal(6, false)
/** Value of a line before rounding to an amount, scale 6, signed. */
export const lineAmount = decimal(6, true)
/** A share or rate as a fraction: 0.02 is two percent. Scale 6, ≥ 0. */
export const rate = decimal(6, false)
/** A fraction between 0 and 1. */
export const share = rate.refine((text) => /^(0(\.\d+)?|1(\.0+)?)$/.test(text), 'a fraction between 0 and 1')
/** Quantity in its unit, scale 3, > 0. */
export const quantity = decimal(3, false).refine((text) => /[1-9]/.test(text), 'more than zero')
/** Quantity that may be zero. */
export const quantityOrZero = decimal(3, false)
/** Quantity that may be negative (balances, counts of allow-negative parties, adjustments). */
export const signedQuantity = decimal(3, true)
/** Integer minor units of the document's currency, signed. */
export const minor = z.string().regex(/^(0|-?[1-9]\d{0,17})$/, abort('integer minor units of the currency'))
/** Integer minor units, > 0. */
export const positiveMinor = z.string().regex(/^[1-9]\d{0,17}$/, abort('integer minor units, more than zero'))
/** Integer minor units, ≥ 0. */
export const minorOrZero = z.string().regex(/^(0|[1-9]\d{0,17})$/, abort('integer minor units, not negative'))
/** Unit of measure: UN/ECE recommendation 20 code, such as EA, KGM. */
export const unit = z.string().regex(/^[A-Z0-9]{2,3}$/, 'a UN/ECE Rec 20 unit code')

/** A region inside its country, `US/Washington`, `CN/ZJ`: ISO 3166-2 codes or the names the data set uses, one habit per deployment. */
export const region = z
  .string()
  .regex(/^[A-Z]{2}\/[\p{L}\p{N}][\p{L}\p{N} .'’_-]{0,63}$/u, 'a region as COUNTRY/REGION')
/** A region, or a whole country as `US/*`: what territories, price lists and promotions are scoped by. */
export const regionScope = z.union([region, z.string().regex(/^[A-Z]{2}\/\*$/, 'a whole country as COUNTRY/*')])

export const uuid = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, 'a lower-case UUID')

/** SHA-256 of a document's bytes, or of a canonical text. */
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hexadecimal')

/** Name of a stream: `<category>-<id>`. `~` stands for a slash inside one part of a composed id (`stockId`). */
export const streamName = z
  .string()
  .regex(/^[a-z][a-z0-9]*-[\p{L}\p{N}][\p{L}\p{N}._/~-]{0,399}$/u, 'a stream name <category>-<id>')

/**
 * Ciphertext of a personal field (integrity.md §4), as it stands in the log and in read models. `event` and `path` are
 * the place it was sealed for and, with `subject`, what its encryption authenticates: it can be opened wherever a read
 * model shows it, and the log's reader sees when it stands elsewhere. `text` is base64 of ciphertext and tag.
 */
export const sealedText = z.strictObject({
  sealed: z.literal(1),
  subject: identifier,
  event: uuid,
  path: z
    .string()
    .regex(/^[A-Za-z0-9]+(\.[A-Za-z0-9]+){0,15}$/)
    .max(200),
  iv: z.string().regex(/^[A-Za-z0-9+/]{16}$/),
  text: z
    .string()
    .regex(/^[A-Za-z0-9+/]+={0,2}$/)
    .max(12_000),
})
export type SealedText = z.infer<typeof sealedText>
/** What the API shows in place of a personal field whose key was destroyed. */
export const erasedText = z.strictObject({ erased: z.literal(true) })
export type ErasedText = z.infer<typeof erasedText>

/**
 * A personal field of an event: plain when the decider writes it, sealed from the store on. Its path must be named
 * in the event's `personal` table.
 */
export const personalText = z
  .union([
    z
      .string()
      .min(1)
      .max(2000)
      .regex(/^[^\p{Cs}]*$/u),
    sealedText,
  ])
  .meta({ personal: true })
/** The same field in a command: always plain. */
export const plainText = z
  .string()
  .min(1)
  .max(2000)
  .regex(/^[^\p{Cs}]*$/u, 'no lone surrogates')
