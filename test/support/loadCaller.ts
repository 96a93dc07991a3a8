import { Agent, request } from 'node:http'

export interface Called {
  /** of the answer; what Node calls the failure when none came */
  readonly outcome: number | string
  readonly retryAfter: string | undefined
  readonly closes: boolean
  readonly body: string
}

/** HTTP over kept connections, one request each at a time, for tests that look at connections. */
export function openCaller(url: string, authorization: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 2_000, maxFreeSockets: 2_000 })
  return {
    call(method: string, path: string, key?: string, body?: object): Promise<Called> {
      return new Promise((resolve) => {
        const failed = (error: Error & { code?: string }): void =>
          resolve({ outcome: error.code ?? error.message, retryAfter: undefined, closes: true, body: '' })
        const sent = request(
          `${url}${path}`,
          {
            method,
            agent,
            headers: {
              authorization,
              ...(key !== undefined && { 'idempotency-key': key }),
              ...(body !== undefined && { 'content-type': 'application/json' }),
            },
          },
          (answer) => {
            let text = ''
            answer.setEncoding('utf8')
            answer.on('data', (part: string) => (text += part))
            answer.on('error', failed)
            answer.on('end', () =>
              resolve({
                outcome: answer.statusCode ?? 0,
                retryAfter: answer.headers['retry-after'],
                closes: answer.headers.connection === 'close',
                body: text,
              }),
            )
          },
        )
        sent.on('error', failed)
        sent.end(body === undefined ? undefined : JSON.stringify(body))
      })
    },
    close: () => agent.destroy(),
  }
}
