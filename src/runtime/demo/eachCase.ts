import type { ViolationKind } from '../../domain/detection/rules.ts'
import { casesOf, type ViolationStatus } from '../../domain/violations/state.ts'
import { violationsAggregate } from '../../domain/violations/violations.ts'
import type { Actor, World } from './world.ts'

type Step = Parameters<typeof violationsAggregate.decide>[0]

/** Does one thing with every case of a dealer that stands there. */
export async function eachCase(
  world: World,
  {
    dealerId,
    status,
    kind,
  }: { readonly dealerId: string; readonly status: ViolationStatus; readonly kind?: ViolationKind },
  by: Actor,
  step: (one: { dealerId: string; violationId: string }) => Step,
): Promise<void> {
  for (const [violationId, one] of casesOf(await world.handler.load(violationsAggregate, dealerId)))
    if (one.status === status && (kind === undefined || one.kind === kind))
      await world.run(violationsAggregate, step({ dealerId, violationId }), by)
}
