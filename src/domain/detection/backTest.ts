import type { PricePolicyState, PriceRules } from '../violations/pricePolicy.ts'
import { violationIdOf } from '../violations/violationIdOf.ts'
import type { Finding } from './judge.ts'
import { judgeHistory, type HistoryRequest, type HistorySources } from './judgeHistory.ts'

export interface BackTestRequest extends Omit<HistoryRequest, 'policy'> {
  /** as if it had been in force all the time */
  readonly draft: Omit<PriceRules, 'version'>
  /** what is in force */
  readonly policy: PricePolicyState
}

export interface BackTest {
  /** found by both */
  readonly same: readonly Finding[]
  /** found by the draft alone */
  readonly more: readonly Finding[]
  /** found by the policy in force alone */
  readonly less: readonly Finding[]
}

/** What a draft finds in history, against the versions that were in force then. Nothing is written. */
export async function backTest(sources: HistorySources, request: BackTestRequest): Promise<BackTest> {
  const { draft, policy, onProgress, ...rest } = request
  const { validUntil: _until, ...always } = { ...draft, validFrom: '0001-01-02T00:00:00.000Z[UTC]', version: 1 }
  const halfOf = (half: number) => (done: number, of: number) => onProgress?.(done + half * of, 2 * of)
  const then = await judgeHistory(sources, { ...rest, policy: { versions: [always] }, onProgress: halfOf(0) })
  const now = await judgeHistory(sources, { ...rest, policy, onProgress: halfOf(1) })
  const [thenIds, nowIds] = [then, now].map((findings) => new Set(findings.map(idOf)))
  return {
    same: then.filter((one) => nowIds?.has(idOf(one))),
    more: then.filter((one) => !nowIds?.has(idOf(one))),
    less: now.filter((one) => !thenIds?.has(idOf(one))),
  }
}

function idOf(finding: Finding): string {
  return `${finding.dealerId} ${violationIdOf(finding)}`
}
