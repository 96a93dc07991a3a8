import type { FastifyInstance } from 'fastify'

export interface Server {
  /** such as http://127.0.0.1:8080 */
  readonly url: string
  /**
   * Goes on for so long while callers are connected, for whoever sends them to learn from /readyz that they should go elsewhere.
   * Every answer ends its connection (`isDraining` of the ports).
   */
  drain(milliseconds: number): Promise<void>
  /**
   * Takes no new request, ends live streams and lets requests under way finish; connections that are still open after
   * `withinMs` (5,000 when absent), such as those that never sent anything, are cut.
   */
  close(withinMs?: number): Promise<void>
}

/** Idle ones included; a process that is offered more drops them, at some 10 kB each. */
const maxConnections = 10_000

/** Listens. Throws what the operating system says, `EADDRINUSE` for a busy port; port 0 is any free one. */
export async function listen(
  app: FastifyInstance,
  at: { readonly host: string; readonly port: number },
): Promise<Server> {
  app.server.maxConnections = maxConnections
  const url = await app.listen(at)
  return {
    url,
    async drain(milliseconds) {
      if ((await connectionsOf(app)) === 0) return
      await new Promise((resolve) => setTimeout(resolve, milliseconds))
    },
    async close(withinMs = 5_000) {
      const timer = setTimeout(() => app.server.closeAllConnections(), withinMs)
      await app.close()
      clearTimeout(timer)
    },
  }
}

function connectionsOf(app: FastifyInstance): Promise<number> {
  return new Promise((resolve) => app.server.getConnections((error, count) => resolve(error ? 0 : count)))
}
