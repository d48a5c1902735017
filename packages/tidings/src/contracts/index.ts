// Contracts: events, commands, queries, effects, and the shapes of stored data.

export { type CloudEvent, type CloudEventData, fromCloudEvent } from './cloudevent-format.ts'
export { loggedEventOf, readLoggedEvent, toCloudEvent } from './cloudevents.ts'
export {
  type CommandContract,
  type CommandData,
  type CommandInput,
  type CommandOf,
  type CommandOptions,
  type CommandOutput,
  type CommandReturned,
  type CommandTypes,
  defineCommand,
  type ParsedCommandOf,
} from './command.ts'
export { type Cron, parseCron } from './cron.ts'
export { type Duration, durationMs } from './duration.ts'
export {
  defineEffect,
  type Effect,
  type EffectContract,
  type EffectData,
  type EffectInput,
  type EffectOf,
  type EffectOptions,
  type EffectOutcome,
  type EffectPerformed,
  type EffectTypes,
  type ParsedEffectOf,
} from './effect.ts'
export { type EventMeta, type EventRecord, type LoggedEvent, metaOf } from './envelope.ts'
export {
  defineEvent,
  type EventContract,
  type EventData,
  type EventDraft,
  type EventInput,
  type EventOf,
  type EventOptions,
  type EventTypes,
  type EventVersions,
  type EventWithoutKey,
  type ParsedEventOf,
  type Pattern,
} from './event.ts'
export { type Exposable, howToExpose } from './exposed.ts'
export {
  type Fact,
  type FactData,
  type FactDefinition,
  type FactInput,
  type FactOf,
  type FactTypes,
  fact,
  type ParsedFactOf,
} from './fact.ts'
export { type FieldType, fieldTypesOf } from './field-types.ts'
export { byteLength, defaultPayloadLimits, type Json, type PayloadLimits, toJson } from './json.ts'
export { inexactNumber } from './json-numbers.ts'
export { nameInPointer, pointerTo } from './json-pointer.ts'
export {
  defineLiveQuery,
  type LiveQueryContract,
  type LiveQueryData,
  type LiveQueryInput,
  type LiveQueryOf,
  type LiveQueryOptions,
  type LiveQueryRow,
  type LiveQueryShown,
  type LiveQueryTypes,
  type ParsedLiveQueryOf,
} from './live-query.ts'
export {
  checkInstanceName,
  checkKey,
  checkName,
  checkSimpleName,
  checkText,
  keyLengthMax,
  nameLengthMax,
} from './names.ts'
export { type Narrowing, narrowingsOf } from './narrowings.ts'
export type { NextVersionIs, NumberAfter } from './next-version.ts'
export { hasUnderivable, normalShape } from './normal-shape.ts'
export { type Caller, type Claims, callerOf, keptCaller, type Principal, type PrincipalInput } from './principal.ts'
export {
  defineQuery,
  type ParsedQueryOf,
  type QueryContract,
  type QueryData,
  type QueryInput,
  type QueryOf,
  type QueryOptions,
  type QueryOutput,
  type QueryReturned,
  type QueryTypes,
} from './query.ts'
export type { ReadonlyData } from './readonly.ts'
export { isRejection, type Rejection, reject, rejectionOrThrow } from './rejection.ts'
export { isSameContract } from './same-contract.ts'
export {
  checkSchema,
  type InputOf,
  jsonSchemaOf,
  type OutputOf,
  type Schema,
  type SchemaIssue,
  type SchemaResult,
  validate,
} from './schema.ts'
export { type Misfit, misfitOf, type Shape, shapeOf } from './shape.ts'
export type { ShownSentence } from './shown-sentence.ts'
export {
  defineTable,
  type IndexOf,
  type ParsedTableOf,
  type RowInput,
  type RowOf,
  type Table,
  type TableDefinition,
  type TableDraft,
  type TableNameOf,
  type TableOf,
  type TableTypes,
  type TableVersions,
  type Unique,
  type UniqueOptions,
} from './table.ts'
export { parseTime } from './time-text.ts'
export {
  type CronTime,
  type ParsedTimerOf,
  type RecurringTimer,
  type Timer,
  type TimerData,
  type TimerDefinition,
  type TimerInput,
  type TimerOf,
  type TimerTypes,
  timer,
  type WithoutData,
} from './timer.ts'
export { noTrace, parseTraceContext, parseTracestate, type TraceContext } from './trace-context.ts'
export {
  downcastsOf,
  readVersion,
  type Version,
  type VersionChain,
  type VersionedData,
  type VersionOptions,
  validateLatest,
} from './versions.ts'
