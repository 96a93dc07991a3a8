import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'

const iterations = 4096

/** A password of ASCII characters as PostgreSQL keeps it (SCRAM-SHA-256, RFC 5803), so that the password itself never reaches the database. */
export function scramVerifier(password: string, salt: Buffer): string {
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256')
  const mac = (text: string): Buffer => createHmac('sha256', salted).update(text).digest()
  const storedKey = createHash('sha256').update(mac('Client Key')).digest('base64')
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${mac('Server Key').toString('base64')}`
}
