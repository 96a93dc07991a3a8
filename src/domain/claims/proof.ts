import { z } from 'zod'
import { defineCommand, refuse, type Aggregate, type CommandOf, type Decision } from '../kernel/decider.ts'
import { defineEvent, type EventOf, type Happened } from '../kernel/event.ts'
import { identifier, sha256, streamName } from '../kernel/fields.ts'

export const proofs = z.array(sha256).max(50)

/** The claim that a proof stands for: its stream and its id in it. */
const use = { stream: streamName, claimId: identifier }
const proof = { proof: sha256, companyId: identifier, dealerId: identifier, ...use }

export const proofTaken = defineEvent('ProofTaken', z.strictObject(proof))
/** The claim was rejected or withdrawn: the document may stand for another one. */
export const proofReleased = defineEvent('ProofReleased', z.strictObject(proof))
export const proofEvents = [proofTaken, proofReleased] as const
export type ProofEvent = EventOf<(typeof proofEvents)[number]>

export const takeProof = defineCommand('TakeProof', z.strictObject(proof), ({ proof }) => proof)
export const releaseProof = defineCommand('ReleaseProof', z.strictObject(proof), ({ proof }) => proof)
export const proofCommands = [takeProof, releaseProof] as const
export type ProofCommand = CommandOf<(typeof proofCommands)[number]>

export interface ProofState {
  readonly usedBy?: { readonly stream: string; readonly claimId: string; readonly dealerId: string }
}

/** One document by its hash: it stands for one claim in the whole ledger. */
export const proofAggregate: Aggregate<ProofCommand, ProofEvent, ProofState> = {
  category: 'proof',
  stateVersion: 1,
  initialState: {},
  evolve,
  decide,
  events: proofEvents,
  commands: proofCommands,
}

function evolve(_state: ProofState, { type, data }: Happened<ProofEvent>): ProofState {
  const { stream, claimId, dealerId } = data
  return type === 'ProofTaken' ? { usedBy: { stream, claimId, dealerId } } : {}
}

function decide({ type, ...data }: ProofCommand, { usedBy }: ProofState): Decision<ProofEvent> {
  const isHere = usedBy?.stream === data.stream && usedBy.claimId === data.claimId
  if (type === 'ReleaseProof') return isHere ? [{ type: 'ProofReleased', data }] : []
  if (isHere) return []
  return usedBy
    ? refuse('claims.proof_used', proofUse(data.proof, usedBy, data.dealerId))
    : [{ type: 'ProofTaken', data }]
}

/** What a refusal says of the other claim: nothing, to another dealer. */
export function proofUse(
  proof: string,
  { claimId, dealerId }: NonNullable<ProofState['usedBy']>,
  to: string,
): Readonly<Record<string, unknown>> {
  return dealerId === to ? { proof, claimId } : { proof }
}
