import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineEvent, type EventDefinition } from '../../src/domain/kernel/event.ts'
import { identifier, personalText } from '../../src/domain/kernel/fields.ts'
import { aggregates } from '../../src/domain/registry.ts'
import { createEventRegistry } from '../../src/ledger/eventRegistry.ts'
import { schemaFields } from '../support/schemaFields.ts'

/** Where an event's schema and its table of personal fields disagree, or a text field has no class. */
function faultsOf({ type, schema, personal }: EventDefinition): readonly string[] {
  const fields = schemaFields(schema)
  const paths = new Set(fields.map(({ path }) => path))
  const marked = new Set(fields.filter((field) => field.personal).map(({ path }) => path))
  const named = Object.entries(personal)
  return [
    ...[...marked]
      .filter((path) => !Object.hasOwn(personal, path))
      .map((path) => `${type}.${path} is personal and names no person`),
    ...named
      .filter(([path]) => !marked.has(path))
      .map(([path]) => `${type}.${path} names a person and is not personal`),
    ...named
      .filter(([, subject]) => subject !== 'actor' && !paths.has(subject))
      .map(([path, subject]) => `${type}.${path} names its person by ${subject}, which is not a field`),
    ...named
      .filter(([path, subject]) => (subject.match(/\*/g)?.length ?? 0) > (path.match(/\*/g)?.length ?? 0))
      .map(([path, subject]) => `${type}.${path} has fewer * than ${subject}`),
    ...fields.filter(({ classed }) => !classed).map(({ path, kind }) => `${type}.${path} is a ${kind} without a class`),
  ]
}

describe('the fields of every event', () => {
  const { definitions } = createEventRegistry(aggregates)

  it.each([...definitions.values()].map((definition) => [definition.type, definition] as const))(
    '%s: personal ones name their person, texts have a class',
    (_, definition) => {
      expect(faultsOf(definition)).toEqual([])
    },
  )

  it('are looked at with their schemas: faults are found', () => {
    const faulty = z.strictObject({
      bare: z.string().max(9),
      note: personalText.optional(),
      people: z.array(z.strictObject({ person: identifier, name: personalText })),
      anything: z.unknown(),
      byName: z.record(identifier, z.string()),
    })
    const personal = { 'people.*.name': 'people.*.who', bare: 'actor' }
    expect(faultsOf(defineEvent('Faulty', faulty, { personal }))).toEqual([
      'Faulty.note is personal and names no person',
      'Faulty.bare names a person and is not personal',
      'Faulty.people.*.name names its person by people.*.who, which is not a field',
      'Faulty.bare is a string without a class',
      'Faulty.anything is a unknown without a class',
      'Faulty.byName.{} is a string without a class',
    ])
  })
})
