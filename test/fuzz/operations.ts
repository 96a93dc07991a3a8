import type { JsonSchema } from './jsonSchema.ts'

/** One operation of the OpenAPI document, as a caller reads it. */
export interface Operation {
  readonly id: string
  readonly method: string
  /** `/v1/orders/{orderId}` */
  readonly url: string
  readonly path: Readonly<Record<string, JsonSchema>>
  readonly query: Readonly<Record<string, JsonSchema>>
  readonly requiredQuery: readonly string[]
  readonly headers: readonly string[]
  readonly body: JsonSchema | undefined
  /** for everybody, signed in or not */
  readonly isOpen: boolean
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema: JsonSchema }>> }>>
}

interface Document {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            operationId: string
            parameters?: readonly { name: string; in: string; required?: boolean; schema: JsonSchema }[]
            security?: readonly object[]
            requestBody?: { content: Readonly<Record<string, { schema: JsonSchema }>> }
            responses: Operation['responses']
          }
        >
      >
    >
  >
}

export function operationsOf(document: unknown): readonly Operation[] {
  const { paths } = document as Document // what addOpenApi makes; test/api/openApi.test.ts holds it to its shape
  return Object.entries(paths).flatMap(([url, methods]) =>
    Object.entries(methods).map(([method, { operationId, parameters = [], security = [], requestBody, responses }]) => {
      const named = (where: string) => parameters.filter((one) => one.in === where)
      const schemas = (where: string) => Object.fromEntries(named(where).map(({ name, schema }) => [name, schema]))
      return {
        id: operationId,
        method: method.toUpperCase(),
        url,
        path: schemas('path'),
        query: schemas('query'),
        requiredQuery: named('query').flatMap(({ name, required }) => (required === true ? [name] : [])),
        headers: named('header').flatMap(({ name, required }) => (required === true ? [name] : [])),
        isOpen: security.length === 0,
        body: requestBody?.content['application/json']?.schema,
        responses,
      }
    }),
  )
}

/** The documented schema of an answer of that status and media type; undefined when there is none, which is a defect. */
export function documentedAnswer({ responses }: Operation, status: number, mediaType: string): JsonSchema | undefined {
  const answer = responses[status.toString()] ?? responses[`${Math.floor(status / 100)}XX`]
  return answer?.content?.[mediaType]?.schema
}
