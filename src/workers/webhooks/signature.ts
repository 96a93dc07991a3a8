import { createHmac, timingSafeEqual } from 'node:crypto'

export const signatureHeader = 'channel-ledger-signature'

/**
 * The signing secret of a webhook, as it is shown once at its registration and after a rotation. It is derived and stored
 * nowhere: HMAC-SHA-256(master key, `webhook/<webhookId>/<secretId>`).
 */
export function webhookSecret(masterKey: Uint8Array, webhookId: string, secretId: string): string {
  return `whsec_${createHmac('sha256', masterKey).update(`webhook/${webhookId}/${secretId}`).digest('base64url')}`
}

/** `t=<seconds since 1970>,v1=<hex>`: HMAC-SHA-256 under the secret's text over `<t>.<body>`. */
export function sign(secret: string, seconds: number, body: string): string {
  return `t=${seconds},v1=${macOf(secret, seconds, body).toString('hex')}`
}

/** What a receiver does: the body is ours, and not older (or newer) than the tolerance, by default five minutes. */
export function isSignedBy(secret: string, header: string, body: string, nowSeconds: number, tolerance = 300): boolean {
  const match = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header)
  if (!match) return false
  const [, seconds = '', mac = ''] = match
  if (Math.abs(nowSeconds - Number(seconds)) > tolerance) return false
  return timingSafeEqual(Buffer.from(mac, 'hex'), macOf(secret, Number(seconds), body))
}

function macOf(secret: string, seconds: number, body: string): Buffer {
  return createHmac('sha256', secret).update(`${seconds}.${body}`).digest()
}
