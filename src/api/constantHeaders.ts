import type { FastifyRequest } from 'fastify'

/** On every answer. What only pages need (a content security policy) is set with the page. */
export function constantHeaders({ id }: Pick<FastifyRequest, 'id'>): Record<string, string> {
  return {
    'x-correlation-id': id,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  }
}
