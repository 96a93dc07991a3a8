import { createServer, type IncomingHttpHeaders } from 'node:http'

export interface ReceivedCall {
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** the body, parsed */
  readonly event: { readonly stream: string; readonly revision: number; readonly type: string; readonly data: unknown }
}

export interface WebhookReceiver {
  readonly url: string
  readonly port: number
  readonly calls: readonly ReceivedCall[]
  /** `stream/revision` of each call, in order */
  heard(): readonly string[]
  close(): Promise<void>
}

/** An outside system on 127.0.0.1. It answers what `answer` says, 204 when absent; 'never' leaves the call open. */
export async function startWebhookReceiver(
  answer: (call: ReceivedCall) => number | 'never' = () => 204,
): Promise<WebhookReceiver> {
  const calls: ReceivedCall[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      // what the test itself has sent
      const call = { headers: request.headers, body, event: JSON.parse(body) as ReceivedCall['event'] }
      calls.push(call)
      const status = answer(call)
      if (status !== 'never')
        response.writeHead(status, { location: `http://127.0.0.1:${port}/elsewhere` }).end('noted')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    calls,
    heard: () => calls.map(({ event }) => `${event.stream}/${event.revision}`),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
