import type { z } from 'zod'
import type { EventDefinition, Happened } from './event.ts'
import type { ErrorCode } from './errors.ts'

/** A typed refusal: a business rule said no. Exceptions are for bugs. */
export interface Refusal {
  readonly refused: ErrorCode
  /** values that make the message concrete: ids, quantities, limits; never personal data */
  readonly details: Readonly<Record<string, unknown>>
}

export function refuse(code: ErrorCode, details: Readonly<Record<string, unknown>> = {}): Refusal {
  return { refused: code, details }
}

export function isRefusal(decision: unknown): decision is Refusal {
  return typeof decision === 'object' && decision !== null && 'refused' in decision
}

/** Events to append; an empty array means there is nothing to do. */
export type Decision<E> = readonly E[] | Refusal

/** One command: its name, the shape of its input, and the stream that decides it. */
export interface CommandDefinition<Name extends string = string, Schema extends z.ZodType = z.ZodType> {
  readonly name: Name
  readonly schema: Schema
  /** id of the aggregate inside its category: the stream is `<category>-<id>` */
  id(command: z.infer<Schema>): string
}

export function defineCommand<const Name extends string, Schema extends z.ZodType>(
  name: Name,
  schema: Schema,
  id: (command: z.infer<Schema>) => string,
): CommandDefinition<Name, Schema> {
  return { name, schema, id }
}

export type CommandOf<D extends CommandDefinition> =
  D extends CommandDefinition<infer Name, infer Schema> ? { readonly type: Name } & z.infer<Schema> : never

/** What comes in with every command from outside the domain. */
export interface Circumstances<Given = unknown> {
  /** business time of the command, RFC 9557 */
  readonly at: string
  /** principal id of who commands */
  readonly by: string
  /** a recorded fact from elsewhere (domain.md §2.14): shape and identity are checked, business rules are not enforced */
  readonly recorded: boolean
  /** what `gather` brought from other streams */
  readonly given: Given
}

/** Reads the folded state of another stream; the second argument is the id inside its category. */
export type Load = <S>(aggregate: Foldable<S>, id: string) => Promise<S>

/** The part of an aggregate that folding needs. Methods, not function properties: every aggregate of state S fits, whatever its events. */
export interface Foldable<S> {
  readonly category: string
  readonly stateVersion: number
  readonly initialState: S
  evolve(state: S, event: Happened<{ type: string; data: unknown }>): S
}

/**
 * An aggregate: what may happen to one thing. Pure: no clock, no randomness, no I/O.
 * `C` commands, `E` events, `S` state, `G` what it needs to know of other streams.
 */
export interface Aggregate<C extends { type: string }, E extends { type: string; data: unknown }, S, G = undefined> {
  /** stream names are `<category>-<id>` */
  readonly category: string
  /** raise it when the shape of the state changes: older snapshots are then ignored */
  readonly stateVersion: number
  /** JSON-serialisable, as every state: it may be kept as a snapshot. No Map, no bigint; never changed in place */
  readonly initialState: S
  evolve(state: S, event: Happened<E>): S
  decide(command: C, state: S, circumstances: Circumstances<G>): Decision<E>
  /** loads other streams that the decision depends on, before the stream's turn comes; answers may be slightly older than the decision */
  gather?(command: C, load: Load, at: string): Promise<G>
  /** the dealer whose object this is: a dealer's own staff may see and command it, for every other dealer it does not exist */
  owner?(state: S, command: C): string | undefined
  readonly events: readonly EventDefinition[]
  readonly commands: readonly CommandDefinition[]
}

export type AnyAggregate = Aggregate<{ type: string }, { type: string; data: unknown }, unknown, unknown>
