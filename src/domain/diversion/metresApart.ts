import { parseDecimal } from '../kernel/decimal.ts'
import type { Coordinates } from '../kernel/coordinates.ts'

const earthRadius = 6_371_000

/** On the surface of a sphere (haversine): right to half a per cent, which no rule of ours asks more than. */
export function metresApart(a: Coordinates, b: Coordinates): number {
  const [latitudeA, latitudeB] = [radians(a.latitude), radians(b.latitude)]
  const longitudes = radians(b.longitude) - radians(a.longitude)
  const half = (angle: number): number => Math.sin(angle / 2) ** 2
  const chord = half(latitudeB - latitudeA) + Math.cos(latitudeA) * Math.cos(latitudeB) * half(longitudes)
  return 2 * earthRadius * Math.asin(Math.min(1, Math.sqrt(chord)))
}

/** Of millionths of a degree: at most 180 million, which a number holds. */
function radians(degrees: string): number {
  return (Number(parseDecimal(degrees)) / 1_000_000 / 180) * Math.PI
}
