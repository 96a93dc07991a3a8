import type { z } from 'zod'
import { InvalidJob, JobStopped, type DefineOptions, type Job, type JobHandler, type JobLimits } from './jobs.ts'

/** What a process knows of one job. */
export interface Definition {
  readonly name: string
  readonly schema: z.ZodType
  readonly handler: JobHandler<unknown> | undefined
  readonly attempts: number
}

export interface Definitions {
  define<S extends z.ZodType>(
    name: string,
    schema: S,
    handler: JobHandler<z.output<S>> | undefined,
    options: DefineOptions,
  ): void
  get(name: string): Definition | undefined
  /** The definition and the JSON text of the data. Throws `InvalidJob`. */
  check(name: string, key: string, data: unknown): { readonly definition: Definition; readonly text: string }
}

const namePattern = /^[a-z][a-z0-9-]{0,63}$/
const keyPattern = /^[^\p{Cc}\p{Cs}]{1,200}$/u

export function createDefinitions(limits: JobLimits): Definitions {
  const definitions = new Map<string, Definition>()
  return {
    define(name, schema, handler, { attempts = limits.attempts }) {
      if (!namePattern.test(name)) throw new InvalidJob(`not a job name: ${name}`)
      if (definitions.has(name)) throw new InvalidJob(`declared twice: ${name}`)
      if (!Number.isInteger(attempts) || attempts < 1 || attempts > 20)
        throw new InvalidJob(`1 to 20 attempts: ${name}`)
      // the handler only ever gets what this schema has parsed
      definitions.set(name, { name, schema, handler: handler as JobHandler<unknown> | undefined, attempts })
    },
    get: (name) => definitions.get(name),
    check(name, key, data) {
      const definition = definitions.get(name)
      if (!definition) throw new InvalidJob(`not declared: ${name}`)
      if (!keyPattern.test(key)) throw new InvalidJob(`not a key of 1 to 200 printable characters: ${name}`)
      const parsed = definition.schema.safeParse(data)
      if (!parsed.success) throw new InvalidJob(`data of ${name} does not fit: ${parsed.error.message}`)
      const text = JSON.stringify(data) as string | undefined
      if (text === undefined) throw new InvalidJob(`data of ${name} is not JSON`)
      const bytes = Buffer.byteLength(text)
      if (bytes > limits.dataBytes)
        throw new InvalidJob(`data of ${name} has ${bytes} bytes, the limit is ${limits.dataBytes}`)
      return { definition, text }
    },
  }
}

/** Data that a handler would not understand: it becomes a dead letter without another attempt. */
export class UnfitData extends Error {
  override readonly name = 'UnfitData'
}

/**
 * Runs a handler once. `returned` means that the process gives the job up for another one. Throws what the handler threw
 * (a failed attempt) and `UnfitData`.
 */
export async function runHandler(
  { schema, handler, name }: Definition,
  job: Job<unknown>,
): Promise<'completed' | 'cancelled' | 'returned'> {
  const parsed = schema.safeParse(job.data)
  if (!parsed.success || !handler) throw new UnfitData(`data of ${name} does not fit`)
  try {
    await handler({ ...job, data: parsed.data })
    return 'completed'
  } catch (error) {
    const stopped: unknown = job.signal.reason
    if (!job.signal.aborted || !(stopped instanceof JobStopped)) throw error
    return stopped.why === 'cancelled' ? 'cancelled' : 'returned'
  }
}

/** An error's message for the list of dead letters. */
export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message || error.name : String(error)).slice(0, 500)
}
