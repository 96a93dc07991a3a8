import { startOfDay } from '../../../domain/kernel/businessTime.ts'
import type { Reader } from '../../engine/ask.ts'
import { waitForPosition } from '../../engine/waitForPosition.ts'
import { askHealth, type HealthFigures, type HealthQuestion } from './askHealth.ts'
import { measuresModel } from './model.ts'

/** What the health of dealers is told from, over windows that are past, a page of dealers at a time. */
export interface Health {
  /** Undefined where the metrics of the question are not told: who evaluates comes back later. */
  figures(
    question: HealthQuestion,
    upTo: bigint,
    page: { readonly limit: number; readonly after?: string | undefined },
  ): Promise<Pick<HealthFigures, 'dealers' | 'next'> | undefined>
}

/** Figures from the read model. Answers rest on everything up to `upTo`; throws `ModelBehind` when it does not get there in time. */
export function openHealth(reader: Reader, waitMs: number): Health {
  return {
    async figures(question, upTo, page) {
      await waitForPosition(reader, measuresModel.name, upTo, waitMs)
      // nothing is told of later days, whenever it is asked
      const now = startOfDay(question.until, 'UTC') - 1
      return askHealth(reader, question, { knownAt: upTo }, page, now)
    },
  }
}
