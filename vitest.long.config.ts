import { defineConfig, mergeConfig } from 'vitest/config'
import base from './vitest.config.ts'

// The same tests at the sizes of a release (CHANNEL_LEDGER_LONG=1), one file at a time so that figures mean something.
export default mergeConfig(
  base,
  defineConfig({ test: { maxWorkers: 1, testTimeout: 3_600_000, hookTimeout: 3_600_000 } }),
)
