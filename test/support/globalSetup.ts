import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startEmbeddedPostgres } from '../../src/runtime/embeddedPostgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    readonly databaseUrl: string
  }
}

/** One PostgreSQL for a test run: the given one, or the embedded one on a directory that is thrown away. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['CHANNEL_LEDGER_TEST_DATABASE_URL']
  if (given !== undefined && given !== '') {
    project.provide('databaseUrl', given)
    return async () => undefined
  }
  const directory = await mkdtemp(join(tmpdir(), 'channel-ledger-test-'))
  // As root the server runs as `nobody`, who has to get through here; the data itself stays closed.
  await chmod(directory, 0o755)
  const server = await startEmbeddedPostgres({
    dataDirectory: join(directory, 'data'),
    systemDirectory: join(directory, 'system'),
    maxConnections: 150,
  })
  project.provide('databaseUrl', server.url)
  return async () => {
    await server.stop()
    await rm(directory, { recursive: true, force: true })
  }
}
