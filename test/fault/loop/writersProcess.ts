import { fork } from 'node:child_process'
import { compileTypeScript } from '../../support/spawnTypeScript.ts'
import type { KillReport, SettleReport, WritersOrder, WritersReply, WritersTask } from './writers.ts'

export interface Writers {
  load(): Promise<void>
  kill(pids: readonly number[], afterMs: number): Promise<KillReport>
  /** acknowledgements since `load` */
  wait(acknowledged: number, withinMs: number): Promise<number>
  settle(withinMs: number): Promise<SettleReport>
  end(): Promise<void>
}

/** Starts `writers.ts` as a process of its own. One order at a time. */
export async function openWriters(task: WritersTask): Promise<Writers> {
  const child = fork(await compileTypeScript('test/fault/loop/writers.ts'), [JSON.stringify(task)])
  const ended = new Promise<never>((_, reject) =>
    child.once('exit', (code, signal) => reject(new Error(`the writers ended with ${code ?? signal}`))),
  )
  ended.catch(() => undefined) // told to whoever waits for an answer then

  function ask<Reply extends WritersReply>(order: WritersOrder): Promise<Reply> {
    const reply = new Promise<Reply>((resolve) => child.once('message', (message) => resolve(message as Reply))) // of `follow`, by order
    child.send(order)
    return Promise.race([reply, ended])
  }

  return {
    load: async () => void (await ask({ do: 'load' })),
    kill: (pids, afterMs) => ask({ do: 'kill', pids, afterMs }),
    wait: async (acknowledged, withinMs) =>
      (await ask<{ acknowledged: number }>({ do: 'wait', acknowledged, withinMs })).acknowledged,
    settle: (withinMs) => ask({ do: 'settle', withinMs }),
    async end() {
      if (child.exitCode === null) await ask({ do: 'end' })
    },
  }
}
