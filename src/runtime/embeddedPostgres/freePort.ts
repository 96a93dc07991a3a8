import { createServer } from 'node:net'
import { EmbeddedPostgresError } from './embeddedPostgresError.ts'
import { isErrno } from './isErrno.ts'

const CANDIDATES = 100

/**
 * A port on 127.0.0.1 that is free now. `wanted` 0 lets the system choose; a busy wanted port gives the next free one,
 * or `port-busy` when only that port will do.
 */
export async function freePort(wanted: number, whenBusy: 'next' | 'refuse'): Promise<number> {
  if (wanted === 0) return (await tryPort(0)) ?? freePort(0, whenBusy)
  const last = whenBusy === 'refuse' ? wanted : Math.min(wanted + CANDIDATES - 1, 65_535)
  for (let port = wanted; port <= last; port += 1) {
    const free = await tryPort(port)
    if (free !== undefined) return free
  }
  throw portBusy(wanted, last)
}

export function portBusy(wanted: number, last: number): EmbeddedPostgresError {
  const ports = wanted === last ? `port ${wanted} on 127.0.0.1 is` : `ports ${wanted} to ${last} on 127.0.0.1 are`
  return new EmbeddedPostgresError('port-busy', `${ports} in use: name another one, or 0 for any`)
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error) => {
      if (isErrno(error, 'EADDRINUSE', 'EACCES')) resolve(undefined)
      else reject(error)
    })
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address()
      const bound = typeof address === 'object' && address !== null ? address.port : port
      server.close(() => resolve(bound))
    })
  })
}
