import { addDays, startOfDay } from '../../domain/kernel/businessTime.ts'
import { lookAtAlerts } from './alerts.ts'
import { keepBooks } from './books.ts'
import { planClaims } from './claims.ts'
import { demoDealers } from './dealers.ts'
import { ordersPerDay } from './demand.ts'
import { forecastDemand } from './forecasts.ts'
import { planDiversion } from './diversion.ts'
import { planFunds } from './funds.ts'
import { planIncidents } from './incidents.ts'
import { createOrderLife } from './orderLife.ts'
import { planHealth } from './health.ts'
import { judgeConduct } from './conduct.ts'
import { openOutlets } from './outlets.ts'
import { agreeGoals } from './goals.ts'
import { rebateInGoods } from './goods.ts'
import { planPriceControl } from './priceControl.ts'
import { changePrices, publishRates, schedulePromotions, startProgrammes } from './programmes.ts'
import { planSerials } from './serials.ts'
import { setUp } from './setUp.ts'
import { createSupply } from './supply.ts'
import { warehouseRoutine } from './warehouseRoutine.ts'
import { companyZone, createWorld, day, hour, type World } from './world.ts'

/** the first and the last day, in the company's zone */
export const demoStart = '2024-11-01'
export const demoUntil = '2026-10-31'

const start = startOfDay(demoStart, companyZone) + 8 * hour

/** of a day, in the morning of the next one */
const lastRound = 8.5 * hour
const nextDay = (date: string): number => startOfDay(addDays(date, 1), companyZone)

/** Days from `demoStart` to a date, both included. */
export function daysUntil(date: string): number {
  return simulatedDays(startOfDay(date, companyZone)) + 1
}

/** Whole days that lie between the start and an instant. */
export function simulatedDays(instant: number): number {
  return Math.floor((instant - startOfDay(demoStart, companyZone)) / day)
}

export interface SimulateOptions {
  readonly seed: number
  /** times the normal demonstration */
  readonly scale: number
  /** the last day, YYYY-MM-DD in the company's zone */
  readonly until: string
  readonly kek: Buffer
  /** called often; what it returns is waited for */
  readonly rest: (world: World) => Promise<void> | undefined
}

/** Plays the channel from `demoStart` to `until`. What happens before a day does not depend on how long it goes on. */
export async function simulate({ seed, scale, until, kek, rest }: SimulateOptions): Promise<World> {
  const world = createWorld({ seed, scale, start, kek })
  const supply = createSupply(world)
  const orders = createOrderLife(world, supply)
  const end = nextDay(until) + lastRound + 60_000

  async function liveDay(): Promise<void> {
    const date = world.today()
    const [year = 0, month = 1, dayOfMonth = 1] = date.split('-').map((part) => Number.parseInt(part, 10))
    const weekday = new Date(`${date}T00:00:00.000Z`).getUTCDay()
    const isWorkday = weekday > 0 && weekday < 6
    if (weekday === 1) await publishRates(world)
    if (dayOfMonth === 12 && month % 3 === 2) await changePrices(world)
    if (month === 1 && dayOfMonth === 8) await schedulePromotions(world, year)
    const years = (world.now() - start) / (365 * day)
    for (const dealer of isWorkday ? demoDealers : []) {
      const count = world.chance.count(ordersPerDay(dealer, month, years) * world.scale)
      for (let order = 0; order < count; order += 1) {
        const at = 9 + world.chance.between(0, 8 * 60) / 60
        world.planIn(0, at, dealer.zone, async () => void (await orders.order(dealer)))
      }
    }
    if (weekday === 3) world.planIn(0, 16, companyZone, () => supply.review())
    if (dayOfMonth === 15) world.planIn(0, 9, companyZone, () => warehouseRoutine(world))
    if (dayOfMonth === 28) world.planIn(0, 17, companyZone, () => supply.report())
    // after the day's work in Asia, and after the one in America: nothing else happens between that and the next day
    world.planIn(0, 19, companyZone, () => world.work())
    world.plan(nextDay(date) + lastRound, () => world.work())
    world.plan(world.now() + day, liveDay)
  }

  await setUp(world)
  await publishRates(world)
  await schedulePromotions(world, 2024)
  await startProgrammes(world)
  await agreeGoals(world)
  await rebateInGoods(world)
  await keepBooks(world)
  await judgeConduct(world)
  await forecastDemand(world)
  await openOutlets(world)
  await planHealth(world)
  planIncidents(world, orders)
  planClaims(world, orders)
  planFunds(world)
  planSerials(world)
  planPriceControl(world)
  planDiversion(world)
  lookAtAlerts(world)
  await rest(world)
  world.plan(start + hour, liveDay)
  await world.live(end, () => rest(world))
  return world
}
