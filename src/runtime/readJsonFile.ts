import { readFile } from 'node:fs/promises'
import { UsageError } from './commandLine.ts'

/** The content of a file that somebody named on the command line. */
export async function readJsonFile(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  })
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UsageError(`${file} is not JSON`, { cause: error })
  }
}
