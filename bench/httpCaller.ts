import { connect } from 'node:net'

/** What the caller process is told: so many connections ask the same again and again, each after its answer. */
export interface HttpLoad {
  readonly port: number
  readonly path: string
  readonly authorization: string
  readonly connections: number
  readonly milliseconds: number
}

/** The lightest caller that still reads whole answers: what it costs is taken from the server, which shares its cores. */
async function run({ port, path, authorization, connections, milliseconds }: HttpLoad): Promise<number> {
  const request = `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: ${authorization}\r\n\r\n`
  const until = performance.now() + milliseconds
  let answered = 0
  await Promise.all(
    Array.from(
      { length: connections },
      () =>
        new Promise<void>((resolve, reject) => {
          const socket = connect(port, '127.0.0.1')
          let received = Buffer.alloc(0)
          socket.on('connect', () => socket.write(request))
          socket.on('error', reject)
          socket.on('data', (bytes) => {
            received = received.length === 0 ? bytes : Buffer.concat([received, bytes])
            const head = received.indexOf('\r\n\r\n')
            if (head < 0) return
            const headers = received.toString('latin1', 0, head)
            const length = Number(/content-length: (\d+)/i.exec(headers)?.[1])
            if (!headers.startsWith('HTTP/1.1 200')) reject(new Error(received.toString('utf8', 0, 500)))
            if (received.length < head + 4 + length) return
            received = Buffer.alloc(0)
            answered += 1
            if (performance.now() < until) socket.write(request)
            else socket.end(resolve)
          })
        }),
    ),
  )
  return answered
}

process.on('message', (load: HttpLoad) => {
  run(load).then(
    (answered) => process.send?.(answered),
    (error: unknown) => process.send?.(String(error)),
  )
})
