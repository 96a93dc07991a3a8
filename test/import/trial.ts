import { openMemoryStore } from '../../src/ledger/memory/memoryStore.ts'
import { openPostgresStore } from '../../src/ledger/postgres/postgresStore.ts'
import { importDirectory } from '../../src/runtime/import/importDirectory.ts'
import { importingHandler } from '../support/importing.ts'
const dir = process.env.ADVENTUREWORKS_DIR!
const url = process.argv[2]
const store = url ? await openPostgresStore({ connection: url, readers: 4, unsafeForTests: true } as never) : openMemoryStore({ clock: () => 0 })
for (let round = 0; round < Number(process.argv[3] ?? 2); round++) {
const started = performance.now()
let last = ''
const codes: Record<string, number> = {}
const samples: Record<string, unknown> = {}
const summary = await importDirectory({ handler: importingHandler(store as never) }, dir, {
  dataSet: 'adventureworks',
  onFinding: (f) => { const k = `${f.code} ${f.consequence} ${f.file}`; codes[k] = (codes[k] ?? 0) + 1; samples[k] ??= f },
  onProgress: (_d, _t, kind) => { if (kind !== last) { console.log(kind, Math.round(performance.now() - started), 'ms', Math.round(process.memoryUsage().rss / 1e6), 'MB'); last = kind } },
})
console.log(JSON.stringify(summary, null, 1), codes, round === 0 ? samples : '')
console.log('took', Math.round(performance.now() - started), 'ms', Math.round(process.memoryUsage().rss / 1e6), 'MB')
}
await store.close()
