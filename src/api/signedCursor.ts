import { createHmac, timingSafeEqual } from 'node:crypto'
import type { ApiPorts, Principal } from './ports.ts'
import { Problem } from './problem.ts'

/**
 * A cursor as the caller holds it: what the engine made, and a MAC over it, the question and the caller. So it is good for
 * whom it was made for only, and what it says about moment and place was said by this server.
 */
export function signCursor(ports: ApiPorts, principal: Principal, question: string, cursor: string): string {
  return `${cursor}.${mac(ports, principal, question, cursor)}`
}

/** Throws the problem `request.cursor_invalid`. */
export function readSignedCursor(ports: ApiPorts, principal: Principal, question: string, signed: string): string {
  const dot = signed.lastIndexOf('.')
  const cursor = signed.slice(0, Math.max(0, dot))
  const [given, own] = [Buffer.from(signed.slice(dot + 1)), Buffer.from(mac(ports, principal, question, cursor))]
  if (given.length !== own.length || !timingSafeEqual(given, own)) throw new Problem('request.cursor_invalid')
  return cursor
}

function mac({ settings }: ApiPorts, { id, dealerId = '' }: Principal, question: string, cursor: string): string {
  return createHmac('sha256', settings.accessKey)
    .update(JSON.stringify(['cursor', id, dealerId, question, cursor]))
    .digest('base64url')
    .slice(0, 22) // 132 bits
}
