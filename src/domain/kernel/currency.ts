import { divideRounded, scaleLimit, type Micros, type Rounded, type RoundingMode } from './decimal.ts'

/** Minor-unit digits of ISO 4217 currencies that do not have two. Source: ISO 4217 list one, 2025. */
const unusualDigits: Readonly<Record<string, number>> = {
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  ISK: 0,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  PYG: 0,
  RWF: 0,
  UGX: 0,
  UYI: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
  BHD: 3,
  IQD: 3,
  JOD: 3,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  TND: 3,
  CLF: 4,
  UYW: 4,
}

/** Active ISO 4217 currencies (funds, metals and test codes left out). */
const activeCurrencies: ReadonlySet<string> = new Set(
  (
    'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLF CLP CNY COP CRC CUP CVE ' +
    'CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS ' +
    'KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR ' +
    'PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD ' +
    'TWD TZS UAH UGX USD UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG'
  ).split(' '),
)

export function isCurrency(code: string): boolean {
  return activeCurrencies.has(code)
}

/** Digits after the point of a currency's minor unit: JPY 0, USD 2, KWD 3. */
export function minorDigits(currency: string): number {
  return unusualDigits[currency] ?? 2
}

/**
 * The one step from a line value (micros) to an Amount (minor units of the currency). The remainder, in micros,
 * is exact value − amount, and is recorded where the step is taken.
 */
export function roundToMinor(value: Micros, currency: string, mode: RoundingMode): Rounded {
  return divideRounded(value, 10n ** BigInt(scaleLimit - minorDigits(currency)), mode)
}

/** The exact line value of an Amount. */
export function minorToMicros(minor: bigint, currency: string): Micros {
  return minor * 10n ** BigInt(scaleLimit - minorDigits(currency))
}
