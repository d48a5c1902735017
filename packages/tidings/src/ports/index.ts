// The ports: what the runtime needs of the world, with the guarantees in words. Drivers implement them, conformance suites check them.

export { type Awaitable, beginning, distance, formatPosition, type Position } from './awaitable.ts'
export type { BackupProgress, BackupRequest, RestoreRequest, StoreBackups } from './backups.ts'
export type { Broker, BrokerCapabilities, RelayBatch } from './broker.ts'
export type { Clock } from './clock.ts'
export { backupsOf, type Driver, type DriverEnvironment, type Engine } from './driver.ts'
export type { EffectRequest, Effects } from './effects.ts'
export { type EpochHistory, epochsAfterRestore } from './epochs.ts'
export type { Ids, Random } from './ids.ts'
export { compareColumns, compareText } from './key-order.ts'
export type { LogLevel, LogLine, LogSink } from './log-sink.ts'
export type { LookupAnswer, LookupFloor, LookupRequest, Lookups } from './lookups.ts'
export type { Scheduler } from './scheduler.ts'
export type {
  Append,
  ColumnValue,
  CommitConflict,
  CommitResult,
  CommitUnit,
  EarlierEpoch,
  FactsPage,
  FactsRequest,
  LogPage,
  LogRequest,
  LogSearch,
  NewFact,
  RowCheck,
  RowQuery,
  RowWrite,
  Store,
  StoreCapabilities,
  StoredFact,
  StoredRow,
  TableLayout,
} from './store.ts'
export type { Span, SpanAttributes, Tracing } from './tracing.ts'
