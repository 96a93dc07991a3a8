import { createHash } from 'node:crypto'

/** The SHA-256 of a document of this name: the demonstration has no documents, only what stands for them. */
export function documentHash(name: string): string {
  return createHash('sha256').update(`demonstration document ${name}`).digest('hex')
}
