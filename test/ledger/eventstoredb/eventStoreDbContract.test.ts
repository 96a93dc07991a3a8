import { randomUUID } from 'node:crypto'
import { describe } from 'vitest'
import { memoryCommandIndex } from '../../../src/ledger/eventstoredb/commandIndex.ts'
import { openEventStoreDbStore } from '../../../src/ledger/eventstoredb/eventStoreDbStore.ts'
import { eventStoreContract } from '../../contract/eventStoreContract.ts'
import { openEventStoreDbServer } from '../../support/eventStoreDbServer/openEventStoreDbServer.ts'

// EventStoreDB compares ids within a stream only (eventstoredb.md §3); one command on two streams is found by `findCommand`.
const traits = { idsUniqueInLog: false }

eventStoreContract(
  'EventStoreDB, in-process server',
  async () => {
    const server = await openEventStoreDbServer()
    const commandIndex = memoryCommandIndex()
    return {
      openStore: async () => openEventStoreDbStore({ connectionString: server.connectionString, commandIndex }),
      drop: () => server.close(),
    }
  },
  traits,
)

const realServer = process.env['EVENTSTORE_URL']

describe.skipIf(!realServer)('with EVENTSTORE_URL', () => {
  eventStoreContract(
    'EventStoreDB, real server',
    async () => {
      const commandIndex = memoryCommandIndex()
      // Streams of its own in a database that may hold anything.
      const prefix = `contract${randomUUID().slice(0, 8)}.`
      return {
        openStore: async () => openEventStoreDbStore({ connectionString: realServer ?? '', prefix, commandIndex }),
        drop: async () => undefined,
      }
    },
    traits,
  )
})
