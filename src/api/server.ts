import type { FastifyInstance } from 'fastify'

export interface Server {
  /** such as http://127.0.0.1:8080 */
  readonly url: string
  /**
   * Takes no new request, ends live streams and lets requests under way finish; connections that are still open after
   * `withinMs` (5,000 when absent), such as those that never sent anything, are cut.
   */
  close(withinMs?: number): Promise<void>
}

/** Listens. Throws what the operating system says, `EADDRINUSE` for a busy port; port 0 is any free one. */
export async function listen(
  app: FastifyInstance,
  at: { readonly host: string; readonly port: number },
): Promise<Server> {
  const url = await app.listen(at)
  return {
    url,
    async close(withinMs = 5_000) {
      const timer = setTimeout(() => app.server.closeAllConnections(), withinMs)
      await app.close()
      clearTimeout(timer)
    },
  }
}
