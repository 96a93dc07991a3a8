/** A `timestamptz` as the API shows times: UTC with milliseconds, `2026-01-15T08:30:00.000Z`. Null stays null. */
export function isoTime(expression: string): string {
  return `to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
}

/** A numeric in its shortest form, as the ready rows hold it: sums of history would keep the widest scale they met. */
export function plainDecimal(expression: string): string {
  return `trim_scale(${expression})`
}

/** A count or version of the domain, which sets it no bound below 2^53, as a JSON number. */
export function wholeNumber(expression: string): string {
  return `to_jsonb(${expression})`
}

/** `where a and b` of the conditions that apply; nothing when none does. */
export function where(...conditions: readonly (string | false | undefined)[]): string {
  const given = conditions.filter((condition) => typeof condition === 'string')
  return given.length > 0 ? `where ${given.join(' and ')}` : ''
}
