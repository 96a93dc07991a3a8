import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { HotKeyCount, HotKeyTask } from './hotKeyTask.ts'

/** A process of `hotKeyCaller.ts`, ready for work. */
export async function hotKeyCaller(process: ChildProcess) {
  const died = once(process, 'exit').then(() => {
    throw new Error('a process of callers ended')
  })
  died.catch(() => {})
  const answer = async (): Promise<unknown> => ((await Promise.race([once(process, 'message'), died])) as [unknown])[0]
  const ask = async (message: HotKeyTask | number): Promise<unknown> => {
    const answered = answer()
    process.send(message)
    return answered
  }
  await answer()
  return {
    open: async (task: HotKeyTask): Promise<void> => void (await ask(task)),
    /** for so long; its callers are those of the task opened last */
    work: async (milliseconds: number) => (await ask(milliseconds)) as HotKeyCount,
    async close(): Promise<void> {
      const ended = once(process, 'exit')
      process.disconnect()
      await ended
    },
  }
}
