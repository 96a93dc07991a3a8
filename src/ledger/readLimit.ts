/** Most events that one read of the port returns or scans. */
const most = 5_000

/** The limit of a read, brought into the bounds of the port: 1 to 5,000 events. */
export function readLimit(asked: number = most): number {
  return Math.max(1, Math.min(asked, most))
}
