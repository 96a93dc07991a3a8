import { join } from 'node:path'
import { loadSecrets } from '../../src/runtime/secrets.ts'

/** One of several processes that start channels at the same moments (the first in ms since 1970): prints the keys it got. */
const [directory = '', first = '0', rounds = '0'] = process.argv.slice(2)
const everyMs = 10
for (let round = 0; round < Number(rounds); round++) {
  while (Date.now() < Number(first) + round * everyMs) {
    // a timer would spread the processes
  }
  const { kek } = loadSecrets({ masterKey: undefined, dataDirectory: join(directory, `${round}`) })
  process.stdout.write(`${kek.toString('hex')}\n`)
}
