import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { joinSignals } from '../../src/ledger/joinSignals.ts'

test('aborts with the first of its signals, or after its time', async () => {
  const [one, other] = [new AbortController(), new AbortController()]
  const joined = joinSignals([one.signal, other.signal], 60_000)
  expect(joined.signal.aborted).toBe(false)
  other.abort('enough')
  expect(joined.signal.reason).toBe('enough')
  expect(joinSignals([one.signal, other.signal]).signal.aborted).toBe(true)
  const late = joinSignals([one.signal], 1)
  await new Promise((resolve) => late.signal.addEventListener('abort', resolve))
})

test('is not heard of any more once it is released', async () => {
  const one = new AbortController()
  const joined = joinSignals([one.signal], 1)
  joined.release()
  one.abort()
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(joined.signal.aborted).toBe(false)
})

test('ends a wait that nothing else holds, whatever the garbage collector does meanwhile', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void // what the flag adds
  const never = new AbortController()
  let ended = 0
  const wait = async (): Promise<void> => {
    const { signal } = joinSignals([joinSignals([never.signal]).signal], 30)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    ended += 1
  }
  for (let n = 0; n < 20; n += 1) void wait()
  for (const end = performance.now() + 8_000; ended < 20 && performance.now() < end;) {
    collect()
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  expect(ended).toBe(20)
})
