// How services are declared: plain data, nothing runs.

export type {
  BaseContext,
  CommandAnswer,
  CommandContext,
  CommandRun,
  CompiledSql,
  Declared,
  FactProjectionContext,
  HandlerContext,
  Log,
  PastState,
  ProjectionContext,
  Publishing,
  QueryContext,
  ReadFact,
  ReadOptions,
  ReplicaReader,
  ReplicaReaders,
  ServiceTypes,
  Sql,
  SqlTable,
  StreamReader,
  TableReader,
  TableReaders,
  TableWriter,
  TableWriters,
  WorkContext,
} from './context.ts'
export {
  type Commands,
  type DecidedFact,
  type Decider,
  type DeciderSpec,
  type DeciderTypes,
  type DecideTools,
  type Decision,
  defineDecider,
  type FactMeta,
  type Facts,
  type FactsOf,
  type StateOf,
} from './decider.ts'
export type {
  Announcement,
  AnnounceTools,
  CommandDeclaration,
  DeciderDeclaration,
  Declaration,
  HandlerDeclaration,
  LiveDeclaration,
  NamedHandler,
  ProjectionDeclaration,
  ProjectionStep,
  QueryDeclaration,
  Service,
  ServiceShape,
  StartFrom,
} from './declarations.ts'
export { completeLimits, defaultLimits, type Limits } from './limits.ts'
export type { LiveOptions, LiveOptionsFor, LiveSource, LiveSourceRow, LiveWhere } from './live.ts'
export type { Projection } from './projection.ts'
export { type ReplicaDefinition, type ReplicaOptions, replicaOf } from './replica.ts'
export {
  type CommandHandlerOptions,
  type DeciderOptions,
  defineService,
  type HandlerOptions,
  type ServiceDefinition,
  type ServiceOptions,
} from './service.ts'
