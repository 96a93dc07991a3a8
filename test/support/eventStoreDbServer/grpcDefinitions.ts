import { createRequire } from 'node:module'
import type * as Features from '@eventstore/db-client/generated/serverfeatures_pb.js'
import type * as FeaturesGrpc from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js'
import type * as Shared from '@eventstore/db-client/generated/shared_pb.js'
import type * as Status from '@eventstore/db-client/generated/status_pb.js'
import type * as Streams from '@eventstore/db-client/generated/streams_pb.js'
import type * as StreamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js'
import type * as Grpc from '@grpc/grpc-js'
import type * as ProtobufAny from 'google-protobuf/google/protobuf/any_pb.js'
import type * as ProtobufEmpty from 'google-protobuf/google/protobuf/empty_pb.js'

/**
 * The service definitions and messages that the client itself was generated with, and the gRPC library it uses: the
 * server speaks exactly the client's dialect. They are CommonJS without static exports, hence `require`, and they are
 * resolved from the client's place, since they are its dependencies and not ours.
 */
const client = createRequire(createRequire(import.meta.url).resolve('@eventstore/db-client'))

// `require` is untyped; each cast is to the types that come with the module named beside it.
export const grpc = client('@grpc/grpc-js') as typeof Grpc
export const streams = client('../generated/streams_pb.js') as typeof Streams
export const shared = client('../generated/shared_pb.js') as typeof Shared
export const status = client('../generated/status_pb.js') as typeof Status
export const features = client('../generated/serverfeatures_pb.js') as typeof Features
export const streamsService = (client('../generated/streams_grpc_pb.js') as typeof StreamsGrpc).StreamsService
export const featuresService = (client('../generated/serverfeatures_grpc_pb.js') as typeof FeaturesGrpc)
  .ServerFeaturesService
export const protobufAny = client('google-protobuf/google/protobuf/any_pb.js') as typeof ProtobufAny
export const protobufEmpty = client('google-protobuf/google/protobuf/empty_pb.js') as typeof ProtobufEmpty

export const backwards = streams.ReadReq.Options.ReadDirection.BACKWARDS

export type GrpcServer = Grpc.Server
export type ReadReq = Streams.ReadReq
export type ReadResp = Streams.ReadResp
export type AppendReq = Streams.AppendReq
export type AppendResp = Streams.AppendResp
export type BatchAppendReq = Streams.BatchAppendReq
export type BatchAppendResp = Streams.BatchAppendResp
export type SupportedMethods = Features.SupportedMethods
export type WritableStream<Req, Resp> = Grpc.ServerWritableStream<Req, Resp>
export type ReadableStream<Req, Resp> = Grpc.ServerReadableStream<Req, Resp>
export type DuplexStream<Req, Resp> = Grpc.ServerDuplexStream<Req, Resp>
export type Callback<Resp> = Grpc.sendUnaryData<Resp>
