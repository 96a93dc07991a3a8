import { defineConfig } from 'vitest/config'

// A process per file: workers of BullMQ and clients of PostgreSQL end with their file. Two of them, because each test
// of a store keeps a core busy in PostgreSQL too.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/globalSetup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // on a shared machine a test that waits for a server may once wait in vain; a second failure counts
    retry: process.env['CI'] ? 1 : 0,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
