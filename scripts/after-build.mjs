// The command line is a program: npm links `bin` to it, and a checkout runs it by `npx channel-ledger`.
import { chmodSync } from 'node:fs'

chmodSync(new URL('../dist/runtime/main.js', import.meta.url), 0o755)
