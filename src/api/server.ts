import type { FastifyInstance } from 'fastify'

export interface Server {
  /** such as http://127.0.0.1:8080 */
  readonly url: string
  /** Takes no new connection, ends live streams and lets requests under way finish. */
  close(): Promise<void>
}

/** Listens. Throws what the operating system says, `EADDRINUSE` for a busy port; port 0 is any free one. */
export async function listen(app: FastifyInstance, at: { readonly host: string; readonly port: number }): Promise<Server> {
  const url = await app.listen(at)
  return { url, close: () => app.close() }
}
