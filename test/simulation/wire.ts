import type { EventStore } from '../../src/ledger/eventStore.ts'
import type { Snapshots } from '../../src/ledger/snapshots.ts'
import type { ProgressStore } from '../../src/workers/progress/progressStore.ts'
import type { Process, Scheduler } from './scheduler.ts'

// The ports of one process, every call of them in the scheduler's hands.

export function wireStore({ call, sleep }: Scheduler, process: Process, store: EventStore): EventStore {
  const readAll: EventStore['readAll'] = (options) => call(process, 'readAll', () => store.readAll(options))
  return {
    ...store,
    append: (stream, events, options) =>
      call(process, `append to ${stream}`, () => store.append(stream, events, options), 'writes'),
    readStream: (stream, options) => call(process, `read ${stream}`, () => store.readStream(stream, options)),
    findCommand: (id, stream) => call(process, 'findCommand', () => store.findCommand(id, stream)),
    head: () => call(process, 'head', () => store.head()),
    readAll,
    async *subscribe({ after, types, limit = 500, signal }) {
      let position = after
      while (!signal.aborted && process.isAlive()) {
        const page = await readAll({ after: position, limit, ...(types && { types }) }).catch(() => undefined)
        if (page && page.position > position) {
          position = page.position
          yield page
        }
        if (!page || page.atHead) await sleep(process, 100, signal)
      }
    },
  }
}

export function wireSnapshots({ call }: Scheduler, process: Process, snapshots: Snapshots): Snapshots {
  return {
    load: (...args) => call(process, 'load a snapshot', () => snapshots.load(...args)),
    save: (...args) => call(process, 'save a snapshot', () => snapshots.save(...args), 'writes'),
  }
}

export function wireProgress({ call }: Scheduler, process: Process, progress: ProgressStore): ProgressStore {
  const reads =
    <A extends unknown[], R>(name: string, of: (...args: A) => Promise<R>) =>
    (...args: A) =>
      call(process, name, () => of(...args))
  const writes =
    <A extends unknown[], R>(name: string, of: (...args: A) => Promise<R>) =>
    (...args: A) =>
      call(process, name, () => of(...args), 'writes')
  return {
    acquire: writes('acquire', progress.acquire),
    release: writes('release', progress.release),
    note: writes('note', progress.note),
    mark: writes('mark', progress.mark),
    advance: writes('advance', progress.advance),
    put: writes('put', progress.put),
    forget: writes('forget', progress.forget),
    dropDeadTask: writes('dropDeadTask', progress.dropDeadTask),
    position: reads('position', progress.position),
    due: reads('due', progress.due),
    inGroup: reads('inGroup', progress.inGroup),
    groups: reads('groups', progress.groups),
    deadTasks: reads('deadTasks', progress.deadTasks),
  }
}
