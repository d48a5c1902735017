// Declares services as plain data; nothing here runs.

export { commandsOf } from './commands-of.ts'
export type {
  BaseContext,
  CommandAnswer,
  CommandContext,
  CommandRun,
  FactProjectionContext,
  HandlerContext,
  Log,
  OutcomeContext,
  PastState,
  PerformContext,
  ProjectionContext,
  Publishing,
  QueryContext,
  ReadFact,
  ReturnRule,
  ServiceOf,
  ServiceTypes,
  StreamReader,
  TimerContext,
  WorkContext,
} from './context.ts'
export type {
  CallableContract,
  CallInput,
  HandledBy,
  ServiceCommands,
  ServiceLiveQueries,
  ServiceQueries,
} from './contracts-of.ts'
export {
  type Commands,
  type DecidedAnswer,
  type DecidedFact,
  type Decider,
  type DeciderOf,
  type DeciderSpec,
  type DeciderTypes,
  type DecideTools,
  type Decision,
  type DecisionOn,
  decidedAnswer,
  defineDecider,
  type FactMeta,
  type Facts,
  type FactsOf,
  factsIn,
  type ImportedFact,
  isDecidedAnswer,
  type KeptAsJson,
  type SnapshotOf,
  type StateOf,
} from './decider.ts'
export type {
  Announcement,
  AnnounceTools,
  CommandDeclaration,
  DeciderDeclaration,
  Declaration,
  EffectDeclaration,
  EventProcessInput,
  HandlerDeclaration,
  LiveDeclaration,
  NamedHandler,
  ProcessDeclaration,
  ProcessInput,
  ProjectionDeclaration,
  ProjectionStep,
  QueryDeclaration,
  Service,
  ServiceShape,
  StartFrom,
  TimerDeclaration,
  TimerProcessInput,
} from './declarations.ts'
export type {
  Declared,
  DeclaredCommand,
  DeclaredEffect,
  DeclaredEvent,
  DeclaredIn,
  DeclaredQuery,
  NamedCommand,
  NamedEffect,
  NamedEvent,
  NamedQuery,
  PublishedEvent,
  Uses,
} from './declared-use.ts'
export type { EffectHandlerOptions, PerformAnswer } from './effect-handler.ts'
export type { CommandHandlerOptions, HandlerOptions, TimerHandlerOptions } from './handler-options.ts'
export type { AddIndex, AddIndexOf, IndexName, NotAnIndex } from './index-name.ts'
export { completeLimits, defaultLimits, type Limits } from './limits.ts'
export type { LiveOptions, LiveOptionsFor, LiveSource, LiveSourceRow, LiveWhere } from './live.ts'
export { declaredSubscriber, partitionName } from './partitions.ts'
export type {
  ContextOf,
  Process,
  ProcessContext,
  ProcessDecision,
  ProcessEventContext,
  ProcessOf,
  ProcessSpec,
  ProcessTimerContext,
  ProcessTypes,
} from './process-manager.ts'
export type { Projection, ProjectionOptions } from './projection.ts'
export type {
  Page,
  PageOptions,
  ReadOptions,
  ReplicaReader,
  ReplicaReaders,
  TableReader,
  TableReaders,
  TableWriter,
  TableWriters,
  Where,
} from './reading.ts'
export { type ReplicaDefinition, type ReplicaOptions, replicaOf } from './replica.ts'
export { defineService } from './service.ts'
export type {
  DeciderOptions,
  ServiceDefinition,
  ServiceOptions,
  SqlOf,
  SubscriberOptions,
} from './service-definition.ts'
export type {
  CompiledSql,
  Sql,
  SqlExpression,
  SqlFields,
  SqlQuery,
  SqlRowOf,
  SqlTable,
  SqlTables,
  SqlTimeUnit,
} from './sql.ts'
export type {
  DueTimer,
  KeyedTimer,
  KeyedTimers,
  OwnTimer,
  OwnTimers,
  Requesting,
  SetTimer,
  TimerPayload,
  Timers,
} from './timers.ts'
