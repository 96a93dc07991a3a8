import { z } from 'zod'
import { defineCommand, refuse, type Aggregate, type CommandOf } from '../../src/domain/kernel/decider.ts'
import { defineEvent, type EventOf } from '../../src/domain/kernel/event.ts'
import { code, identifier, personalText, plainText } from '../../src/domain/kernel/fields.ts'

/** A small aggregate for tests of the ledger: a store of things that are taken until none is left. */
const id = code
const whole = z.int().min(0)

const opened = defineEvent('CounterOpened', z.strictObject({ owner: identifier, available: whole }))
const taken = defineEvent('CounterTaken', z.strictObject({ by: identifier, count: whole }), { correctable: true })
const filled = defineEvent('CounterFilled', z.strictObject({ count: whole }), { correctable: true })
const noted = defineEvent(
  'CounterNoted',
  z.strictObject({ note: personalText, contacts: z.array(z.strictObject({ person: identifier, name: personalText })) }),
  { personal: { note: 'actor', 'contacts.*.name': 'contacts.*.person' } },
)
const closed = defineEvent('CounterClosed', z.strictObject({ note: personalText }), { personal: { note: 'actor' } })

const open = defineCommand('Open', z.strictObject({ id, owner: identifier, available: whole }), (c) => c.id)
const take = defineCommand('Take', z.strictObject({ id, by: identifier, count: whole }), (c) => c.id)
/** takes one at a time, an event each, and all or none */
const takeEach = defineCommand('TakeEach', z.strictObject({ id, by: identifier, count: whole }), (c) => c.id)
const fill = defineCommand('Fill', z.strictObject({ id, count: z.number() }), (c) => c.id)
const note = defineCommand(
  'Note',
  z.strictObject({ id, note: plainText, people: z.array(z.tuple([identifier, plainText])) }),
  (c) => c.id,
)
/** copies the last note into another event */
const close = defineCommand('Close', z.strictObject({ id }), (c) => c.id)
/** a bug */
const crash = defineCommand('Crash', z.strictObject({ id }), (c) => c.id)

export const counterEvents = [opened, taken, filled, noted, closed] as const
export type CounterEvent = EventOf<(typeof counterEvents)[number]>
const commands = [open, take, takeEach, fill, note, close, crash] as const
export type CounterCommand = CommandOf<(typeof commands)[number]>

export interface CounterState {
  readonly owner?: string
  readonly available: number
  readonly taken: number
  readonly events: number
  readonly note?: z.infer<typeof personalText>
}

export const counter: Aggregate<CounterCommand, CounterEvent, CounterState> = {
  category: 'counter',
  stateVersion: 1,
  initialState: { available: 0, taken: 0, events: 0 },
  evolve(before, { type, data }) {
    const state = { ...before, events: before.events + 1 }
    switch (type) {
      case 'CounterOpened':
        return { ...state, ...data }
      case 'CounterTaken':
        return { ...state, available: state.available - data.count, taken: state.taken + data.count }
      case 'CounterFilled':
        return { ...state, available: state.available + data.count }
      case 'CounterNoted':
      case 'CounterClosed':
        return { ...state, note: data.note }
      default:
        return type satisfies never
    }
  },
  decide(command, state) {
    if (command.type === 'Open') {
      const { owner, available } = command
      return state.owner === undefined ? [{ type: 'CounterOpened', data: { owner, available } }] : []
    }
    if (state.owner === undefined) return refuse('object.not_found', { id: command.id })
    switch (command.type) {
      case 'Take':
      case 'TakeEach': {
        const { by, count } = command
        if (count === 0) return []
        if (count > state.available) return refuse('period.closed', { available: state.available })
        return command.type === 'Take'
          ? [{ type: 'CounterTaken', data: { by, count } }]
          : Array.from({ length: count }, () => ({ type: 'CounterTaken', data: { by, count: 1 } }) as const)
      }
      case 'Fill':
        return [{ type: 'CounterFilled', data: { count: command.count } }]
      case 'Note': {
        const contacts = command.people.map(([person, name]) => ({ person, name }))
        return [{ type: 'CounterNoted', data: { note: command.note, contacts } }]
      }
      case 'Close':
        return state.note === undefined ? [] : [{ type: 'CounterClosed', data: { note: state.note } }]
      case 'Crash':
        throw new Error('a bug in the decider')
      default:
        return command satisfies never
    }
  },
  owner: (state, command) => state.owner ?? (command.type === 'Open' ? command.owner : undefined),
  events: counterEvents,
  commands,
}
