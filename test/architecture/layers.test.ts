import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'

/** The linter enforces who may import whom (docs/architecture.md). Each planted breach must fail. */
const root = join(import.meta.dirname, '..', '..')
const planted: string[] = []

function lint(path: string, source: string): string {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  planted.push(file)
  writeFileSync(file, source)
  try {
    return execFileSync(join(root, 'node_modules/.bin/oxlint'), [path], { cwd: root, encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    return (error as { stdout: string }).stdout // execFileSync throws an error that carries the output
  }
}

afterEach(() => {
  for (const file of planted.splice(0)) rmSync(file)
})

describe('a planted breach of the layers is found', () => {
  test.each([
    [
      'src/domain/orders/planted.ts',
      `import { randomUUID } from 'node:crypto'\nexport const id = randomUUID()\n`,
      'The domain is pure',
    ],
    ['src/domain/orders/planted.ts', `import pg from 'pg'\nexport const pool = pg\n`, 'The domain is pure'],
    [
      'src/domain/orders/planted.ts',
      `import { noStream } from '../../ledger/eventStore.ts'\nexport const none = noStream\n`,
      'The domain knows no other room',
    ],
    ['src/domain/orders/planted.ts', `export const now = Date.now()\n`, 'Time comes in with the command'],
    ['src/workers/planted.ts', `export const any = AbortSignal.any([])\n`, 'use joinSignals'],
    ['src/runtime/planted.ts', `export const any = AbortSignal.any([])\n`, 'use joinSignals'],
    ['src/domain/orders/planted.ts', `export const luck = Math.random()\n`, 'Randomness comes in'],
    [
      'src/ledger/planted.ts',
      `import { orderEvents } from '../domain/orders/events.ts'\nexport const all = orderEvents\n`,
      'only domain/kernel',
    ],
    [
      'src/ledger/planted.ts',
      `import { x } from '../projections/engine/ask.ts'\nexport const y = x\n`,
      'The ledger knows no other room',
    ],
    [
      'src/projections/planted.ts',
      `import { x } from '../api/app.ts'\nexport const y = x\n`,
      'Projections know events',
    ],
    [
      'src/projections/planted.ts',
      `import { x } from '../ledger/postgres/postgresStore.ts'\nexport const y = x\n`,
      'the ledger by its port',
    ],
    [
      'src/documents/planted.ts',
      `import { orderEvents } from '../domain/orders/events.ts'\nexport const all = orderEvents\n`,
      'only domain/kernel',
    ],
    ['src/documents/planted.ts', `import { x } from '../api/app.ts'\nexport const y = x\n`, 'Renderers know papers'],
    ['src/documents/planted.ts', `export const now = Date.now()\n`, 'The clock comes in'],
    [
      'src/projections/planted.ts',
      `import { x } from '../documents/paperHtml.ts'\nexport const y = x\n`,
      'Projections know events',
    ],
    [
      'test/detection/planted/planted.ts',
      `import { x } from '../../../src/domain/detection/rules.ts'\nexport const y = x\n`,
      'shares nothing with what looks for them',
    ],
    ['src/workers/planted.ts', `import { x } from '../api/app.ts'\nexport const y = x\n`, 'Workers know'],
    [
      'src/api/planted.ts',
      `import { x } from '../runtime/main.ts'\nexport const y = x\n`,
      'Only runtime knows everybody',
    ],
    ['src/api/planted.ts', `export const now = Date.now()\n`, 'The clock comes in'],
  ])('%s: %s', (path, source, message) => {
    expect(lint(path, source)).toContain(message)
  })

  test('what the table allows passes', () => {
    expect(
      lint('src/api/planted.ts', `import { noStream } from '../ledger/eventStore.ts'\nexport const none = noStream\n`),
    ).toContain('0 warnings and 0 errors')
  })
})
