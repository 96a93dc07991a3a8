import { aboveCeiling } from './aboveCeiling.ts'
import { advertisedBelowMap } from './advertisedBelowMap.ts'
import { creditStretch } from './creditStretch.ts'
import type { Detector } from './detector.ts'
import { dumpingLowPrice } from './dumpingLowPrice.ts'
import { hiddenRebate } from './hiddenRebate.ts'
import { orderSpike } from './orderSpike.ts'
import { priceSpread } from './priceSpread.ts'
import { promoOutOfWindow } from './promoOutOfWindow.ts'
import { roundTrip } from './roundTrip.ts'
import { sellInBelowFloor } from './sellInBelowFloor.ts'
import { tierChase } from './tierChase.ts'
import { unapprovedDiscount } from './unapprovedDiscount.ts'

/** Every kind once. */
export const detectors: readonly Detector[] = [
  sellInBelowFloor,
  aboveCeiling,
  advertisedBelowMap,
  promoOutOfWindow,
  unapprovedDiscount,
  dumpingLowPrice,
  hiddenRebate,
  priceSpread,
  orderSpike,
  tierChase,
  roundTrip,
  creditStretch,
]
