import type { FastifyInstance } from 'fastify'

/** JSON and nothing else. An empty body counts as none; `__proto__` and `constructor` are refused as keys. */
export function acceptJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else void parse(request, body as string, done) // text, by parseAs; answers through `done`
  })
}
