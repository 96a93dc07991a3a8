import type { Finding } from '../detection/judge.ts'

/** Of the fact that a case is about, so that it is one however often it is found. */
export function violationIdOf({ kind, about }: Pick<Finding, 'kind' | 'about'>): string {
  return `${kind.toLowerCase().replaceAll('_', '-')}.${about.eventId}${about.lineNo === undefined ? '' : `.${about.lineNo}`}`
}
