import { execFile, spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
const compiled = new Map<string, Promise<string>>()

/**
 * Runs a TypeScript file of this project (path from its root) as a Node process of its own, for tests that need real
 * processes. The file and what it imports are compiled once per test file by the project's own compiler.
 */
export async function spawnTypeScript(
  entry: string,
  parameters: readonly string[] = [],
  options: SpawnOptions = {},
): Promise<ChildProcess> {
  return spawn(process.execPath, ['--enable-source-maps', await compileTypeScript(entry), ...parameters], options)
}

/** The JavaScript file of an entry, for who starts it in a way of its own. */
export function compileTypeScript(entry: string): Promise<string> {
  const known = compiled.get(entry) ?? compile(entry)
  compiled.set(entry, known)
  return known
}

async function compile(entry: string): Promise<string> {
  // Inside the project, so that the compiled files find its packages.
  const directory = join(root, 'node_modules/.cache/channel-ledger-test', randomBytes(6).toString('hex'))
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  await mkdir(directory, { recursive: true })
  await writeFile(join(directory, 'package.json'), '{ "type": "module", "version": "0.0.0-test" }')
  await writeFile(
    join(directory, 'tsconfig.json'),
    JSON.stringify({
      extends: relative(directory, join(root, 'tsconfig.json')),
      compilerOptions: { noEmit: false, noCheck: true, rootDir: root, outDir: directory, inlineSourceMap: true },
      files: [join(root, entry)],
      include: [],
    }),
  )
  const output = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, [tsc, '-p', directory], (error, stdout) => {
      if (error) reject(new Error(`cannot compile ${entry}: ${stdout}`, { cause: error }))
      else resolve(stdout)
    })
  })
  if (output !== '') throw new Error(`cannot compile ${entry}: ${output}`)
  return join(directory, entry.replace(/\.ts$/, '.js'))
}
