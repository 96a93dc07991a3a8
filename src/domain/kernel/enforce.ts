import type { Breach } from './breach.ts'
import { isRefusal, type Refusal } from './decider.ts'

/**
 * Business rules of a command, each answered with a refusal or with nothing. What is decided here is refused by the
 * first rule it breaks; a recorded fact happened, so all it breaks is kept beside it (domain.md §2.14).
 */
export function enforce(rules: readonly (Refusal | false | undefined)[], recorded: boolean): Refusal | Breach[] {
  const broken = rules.filter(isRefusal)
  const [first] = broken
  if (first && !recorded) return first
  return broken.map(breachOf)
}

/** A broken rule as a fact to keep. */
export function breachOf({ refused, details }: Refusal): Breach {
  const shown = Object.entries(details).map(([key, value]) => [key, shortened(textOf(value))])
  return { code: refused, details: Object.fromEntries(shown) }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined')
}

/** Never cuts a character in two: a lone half would not fit the breach's schema. */
function shortened(text: string): string {
  return text.slice(0, 200).replace(/[\uD800-\uDBFF]$/, '')
}
