/** One message of a stream of server-sent events; what has no name is a beat and not kept. */
export interface Message<Data> {
  readonly id?: string
  readonly event?: string
  readonly data?: Data
}

export interface Listener<Data> {
  readonly status: number
  readonly messages: Message<Data>[]
  stop(): void
  ended(): boolean
}

/** Listens and collects; resolves once the answer has begun. */
export async function listenToEvents<Data>(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<Listener<Data>> {
  const controller = new AbortController()
  const answer = await fetch(url, { headers, signal: controller.signal })
  const messages: Message<Data>[] = []
  let ended = false
  const collect = async (): Promise<void> => {
    let rest = ''
    const decoder = new TextDecoder()
    for await (const chunk of answer.body ?? []) {
      rest += decoder.decode(chunk as Uint8Array, { stream: true })
      const parts = rest.split('\n\n')
      rest = parts.pop() ?? ''
      for (const part of parts) {
        const fields = Object.fromEntries(
          part.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
        )
        if (fields['event']) messages.push({ ...fields, data: JSON.parse(fields['data'] ?? '{}') })
      }
    }
    ended = true
  }
  collect().catch(() => (ended = true)) // stopped by the test
  return { status: answer.status, messages, stop: () => controller.abort(), ended: () => ended }
}
