/** Forecasts beside what happened. Never one figure alone: a forecast of zero is the most accurate one of a part that seldom sells. */
export interface Accuracy {
  readonly values: number
  /** 100 (1 − Σ|actual − forecast| / Σ|actual|) */
  readonly accuracy: number
  /** 100 Σ(forecast − actual) / Σ|actual| */
  readonly bias: number
  /** how much smaller the absolute error is than the seasonal naive forecast's, in percent of that */
  readonly gain: number
  /** percent of actuals within the interval */
  readonly covered: number
}

export interface Compared {
  readonly actual: ArrayLike<number>
  readonly point: ArrayLike<number>
  readonly naive: ArrayLike<number>
  readonly low: ArrayLike<number>
  readonly high: ArrayLike<number>
}

/** Pooled over all series and months; NaN where there is nothing to divide by. */
export function accuracyOf(all: Iterable<Compared>): Accuracy {
  let values = 0
  let size = 0
  let error = 0
  let signed = 0
  let naiveError = 0
  let within = 0
  for (const { actual, point, naive, low, high } of all) {
    for (let h = 0; h < Math.min(actual.length, point.length); h += 1) {
      const y = actual[h]!
      if (!Number.isFinite(y)) continue
      values += 1
      size += Math.abs(y)
      error += Math.abs(y - point[h]!)
      signed += point[h]! - y
      naiveError += Math.abs(y - naive[h]!)
      if (y >= low[h]! && y <= high[h]!) within += 1
    }
  }
  return {
    values,
    accuracy: 100 * (1 - error / size),
    bias: (100 * signed) / size,
    gain: 100 * (1 - error / naiveError),
    covered: (100 * within) / values,
  }
}
