import fastify, { type FastifyError, type FastifyInstance, type FastifyServerOptions, LogController } from 'fastify'
import { validatorCompiler } from 'fastify-type-provider-zod'
import { createPrinter } from '../documents/printer.ts'
import { uuidV7 } from '../ledger/commandIds.ts'
import { accessModel } from '../projections/models/access/model.ts'
import { queries } from '../projections/registry.ts'
import { addAccess } from './access.ts'
import { checkAnswers } from './answerCheck.ts'
import { createAuthenticate } from './authenticate.ts'
import { commandRoute } from './commandRoute.ts'
import { constantHeaders } from './constantHeaders.ts'
import { createLiveClients } from './liveClients.ts'
import { type Directory, openDirectory } from './directory.ts'
import { acceptJson } from './jsonBody.ts'
import { addLimits } from './limits.ts'
import { addOpenApi } from './openApi.ts'
import { pageRoutes } from './pages/home.ts'
import type { ApiPorts, Principal } from './ports.ts'
import { invalid, Problem, sendProblem } from './problem.ts'
import { queryRoute } from './queryRoute.ts'
import { alertDigestRoute } from './routes/alertDigests.ts'
import { alertStreamRoute } from './routes/alertStream.ts'
import { commandRoutes } from './routes/commandRoutes.ts'
import { claimExplanationRoutes } from './routes/claimExplanations.ts'
import { correctionRoute } from './routes/corrections.ts'
import { diversionCausesRoute } from './routes/diversionCauses.ts'
import { eventRoute } from './routes/events.ts'
import { exportRoutes } from './routes/exports.ts'
import { explanationRoutes } from './routes/explanations.ts'
import { dealerHealthRoutes } from './routes/dealerHealth.ts'
import { figureRoutes } from './routes/figures.ts'
import { healthRoutes } from './routes/health.ts'
import { problemRoutes } from './routes/problems.ts'
import { postingBatchRoutes } from './routes/postingBatches.ts'
import { programmeDocumentRoute } from './routes/programmeDocument.ts'
import { projectionRoutes } from './routes/projections.ts'
import { revisionRoutes } from './routes/revisions.ts'
import { serialBatchRoute } from './routes/serialBatch.ts'
import { settlementStatementRoute } from './routes/settlementStatement.ts'
import { metricRoutes } from './routes/metricValues.ts'
import { signInRoutes } from './routes/signIn.ts'
import { statementRoutes } from './routes/statements.ts'
import { streamRoute } from './routes/stream.ts'
import { priceBackTestRoute } from './routes/priceBackTest.ts'
import { whatIfRoute } from './routes/whatIf.ts'
import { toProblem } from './toProblem.ts'

const bodyLimit = 1_048_576
const headerLimit = 16_384
const correlationId = /^[\w.:-]{1,100}$/

/** The whole API as one Fastify instance; `server.ts` listens. */
export async function buildApp(ports: ApiPorts): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit,
    requestTimeout: 30_000,
    http: { maxHeaderSize: headerLimit, headersTimeout: 10_000 },
    routerOptions: { maxParamLength: 300 },
    logger: loggerOf(ports),
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: (request) => {
      const given = request.headers['x-correlation-id']
      return typeof given === 'string' && correlationId.test(given) ? given : uuidV7(ports)
    },
    // an address that cannot be decoded comes to no route
    frameworkErrors: (_error, request, reply) => {
      reply.headers(constantHeaders(request))
      sendProblem(request, reply, new Problem('request.invalid'))
    },
    // what still comes in while it closes is answered like everything before it, and ends its connection
    return503OnClosing: false,
  })
  app.setValidatorCompiler(validatorCompiler)
  checkAnswers(app, ports.settings.checkAnswers)
  app.setErrorHandler((error: FastifyError, request, reply) => sendProblem(request, reply, toProblem(error, request)))
  app.setNotFoundHandler((request, reply) => sendProblem(request, reply, new Problem('request.route_not_found')))
  acceptJson(app)
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(constantHeaders(request))
    if (request.raw.url?.includes('%00')) throw invalid('url', 'holds the character U+0000')
  })
  // of those that were under way when it began, too
  app.addHook('onSend', async (_request, reply) => {
    if (ports.isDraining()) reply.header('connection', 'close')
  })
  await addLimits(app, ports)
  const authenticate = createAuthenticate(ports, ports.directory ?? followedDirectory(app, ports))
  addAccess(app, authenticate, ports.now)
  addRequestLine(app, ports)
  await addOpenApi(app, ports)

  for (const route of commandRoutes) commandRoute(app, ports, route)
  for (const query of queries) queryRoute(app, ports, query)
  revisionRoutes(app, ports)
  correctionRoute(app, ports)
  const printer = createPrinter()
  app.addHook('onClose', () => printer.close())
  programmeDocumentRoute(app, ports, printer)
  explanationRoutes(app, ports)
  settlementStatementRoute(app, ports, printer)
  claimExplanationRoutes(app, ports)
  whatIfRoute(app, ports)
  serialBatchRoute(app, ports)
  priceBackTestRoute(app, ports)
  diversionCausesRoute(app, ports)
  statementRoutes(app, ports, printer)
  alertDigestRoute(app, ports, printer)
  postingBatchRoutes(app, ports)
  metricRoutes(app, ports)
  exportRoutes(app, ports, printer)
  dealerHealthRoutes(app, ports, printer)
  eventRoute(app, ports)
  const clients = createLiveClients(app, ports, authenticate)
  streamRoute(app, ports, clients)
  alertStreamRoute(app, ports, clients)
  figureRoutes(app, ports, clients)
  projectionRoutes(app, ports)
  signInRoutes(app, ports)
  problemRoutes(app)
  healthRoutes(app, ports)
  pageRoutes(app, ports)
  return app
}

/** Everybody whom the ledger knows; follows the log while the app lives. */
function followedDirectory(app: FastifyInstance, { readerOf, handler, store, now }: ApiPorts): Directory {
  const directory = openDirectory({ reader: readerOf(accessModel), load: handler.load, now })
  const closing = new AbortController()
  app.addHook('onReady', async () => {
    void directory.follow(store, closing.signal, (error) =>
      app.log.warn({ error: String(error) }, 'changes of principals count late'),
    )
  })
  app.addHook('preClose', async () => closing.abort())
  return directory
}

/** Headers hold tokens and keys, so no line has them; the redaction is for lines that somebody adds. */
function loggerOf({ settings }: ApiPorts): NonNullable<FastifyServerOptions['logger']> {
  if (settings.logLevel === 'silent') return false
  return {
    level: settings.logLevel,
    redact: ['req.headers', 'headers', 'body', '*.authorization', '*.cookie'],
    ...(settings.logTo && { stream: settings.logTo }),
  }
}

/** One line per request: no body, no token, no query values. */
function addRequestLine(app: FastifyInstance, { metrics }: ApiPorts): void {
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown'
    if (!request.routeOptions.config.isLive)
      metrics.request(route, request.method, reply.statusCode, reply.elapsedTime / 1000)
    request.log.info(
      {
        method: request.method,
        route,
        status: reply.statusCode,
        milliseconds: Math.round(reply.elapsedTime * 10) / 10,
        principal: (request.principal as Principal | undefined)?.id,
      },
      'request',
    )
  })
}
