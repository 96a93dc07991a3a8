import { createHash } from 'node:crypto'

/** An identifier (64 characters) for a document that follows from another fact: readable while it fits, the same every time. */
export function documentId(kind: 'INV' | 'CN' | 'DN', ...parts: readonly (string | number)[]): string {
  const readable = [kind, ...parts].join('/')
  if (readable.length <= 64) return readable
  return `${kind}/${createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 40)}`
}
