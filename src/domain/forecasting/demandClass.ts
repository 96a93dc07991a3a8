/** How demand comes (Syntetos, Boylan and Croston 2005); `few`: too seldom to say, `short`: often, but not for long. */
export type DemandClass = 'few' | 'short' | 'smooth' | 'erratic' | 'intermittent' | 'lumpy'

export interface Demand {
  readonly demandClass: DemandClass
  /** months with demand */
  readonly demands: number
  /** average demand interval, months; infinite without demand */
  readonly interval: number
  /** squared coefficient of variation of the demands that are not zero */
  readonly cv2: number
}

const fewest = 3
const longInterval = 1.32
const highVariation = 0.49
const shortest = 24

export function classifyDemand(y: Float64Array): Demand {
  const sizes = y.filter((value) => value !== 0)
  const demands = sizes.length
  const interval = y.length / demands
  let mean = 0
  for (const size of sizes) mean += size / demands
  let squares = 0
  for (const size of sizes) squares += (size - mean) ** 2
  const cv2 = demands > 1 && mean !== 0 ? squares / (demands - 1) / mean ** 2 : 0
  return { demandClass: classOf(), demands, interval, cv2 }

  function classOf(): DemandClass {
    if (demands < fewest) return 'few'
    if (interval >= longInterval) return cv2 >= highVariation ? 'lumpy' : 'intermittent'
    if (y.length < shortest) return 'short'
    return cv2 >= highVariation ? 'erratic' : 'smooth'
  }
}
