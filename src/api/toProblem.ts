import type { FastifyError, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { InvalidAppend, StoreUnavailable } from '../ledger/eventStore.ts'
import { NewerEvent } from '../ledger/eventRegistry.ts'
import { PersonErased } from '../ledger/personal/keyring.ts'
import { ModelBehind } from '../projections/engine/ask.ts'
import { Problem } from './problem.ts'

/** Whatever was thrown, as the problem that the caller sees. What nobody foresaw is logged, and nothing of it is shown. */
export function toProblem(error: FastifyError, request: FastifyRequest): Problem {
  if (error instanceof Problem) return error
  if (hasZodFastifySchemaValidationErrors(error)) {
    const issues = error.validation.map(({ instancePath, message }) => ({
      path: `${error.validationContext ?? ''}${instancePath.replaceAll('/', '.')}`,
      message: message ?? 'not valid',
    }))
    return new Problem('request.invalid', { issues: issues.slice(0, 50) })
  }
  if (error instanceof StoreUnavailable || error instanceof NewerEvent) return new Problem('ledger.unavailable', {}, 1)
  if (error instanceof InvalidAppend) return new Problem('ledger.event_too_large')
  if (error instanceof PersonErased) return new Problem('personal.erased')
  if (error instanceof ModelBehind)
    return new Problem('projection.behind', { model: error.model, position: error.position.toString() }, 1)
  const known = fromFastify[error.code]
  if (known) return new Problem(known)
  if (error.statusCode === 400) return new Problem('request.invalid')
  request.log.error({ error: error.stack ?? String(error), code: error.code }, 'request failed')
  if (error.code === '57014') return new Problem('server.busy', {}, 1) // the statement took too long
  return isDatabaseOutage(error) ? new Problem('ledger.unavailable', {}, 1) : new Problem('server.failed')
}

const fromFastify: Readonly<Record<string, Problem['code']>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'request.malformed_json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'request.malformed_json',
  FST_ERR_CTP_BODY_TOO_LARGE: 'request.too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'request.media_type',
}

/** PostgreSQL is away, shutting down or starting, or has no connection left: the caller may try again. */
function isDatabaseOutage(error: { readonly code?: unknown; readonly message: string }): boolean {
  return (
    /^(08|57P|53)/.test(String(error.code)) ||
    /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND)/.test(String(error.code)) ||
    /connection terminated|timeout exceeded/i.test(error.message)
  )
}
