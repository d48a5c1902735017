// The ports: what the runtime needs from outside, with every guarantee in words. Drivers implement them; conformance suites check them.

export { type Awaitable, beginning, distance, ending, formatPosition, type Position } from './awaitable.ts'
export type {
  BackupProgress,
  BackupRequest,
  CheckReport,
  CheckRequest,
  RestoreRequest,
  StoreBackups,
} from './backups.ts'
export type { Broker, BrokerCapabilities, RelayBatch, SourceReader } from './broker.ts'
export type { Clock } from './clock.ts'
export { backupsOf, type Driver, type Engine, type EngineSetup, type EventLogRead } from './driver.ts'
export type { EffectRequest, Effects } from './effects.ts'
export type { Environment } from './environment.ts'
export { type EpochHistory, epochsAfterRestore } from './epochs.ts'
export type { Ids, Random } from './ids.ts'
export { compareColumns, compareText } from './key-order.ts'
export type { LogLevel, LogLine, LogSink } from './log-sink.ts'
export type { LongWork } from './long-work.ts'
export type { LookupAnswer, LookupRequest, Lookups, MinimumPosition } from './lookups.ts'
export type { ChangesToNote, RowChange, RowChangesPage, RowChangesRequest } from './row-changes.ts'
export { hashOfText, isInSlots, type SlotRange, slotCount, slotOfKey } from './slots.ts'
export type {
  Append,
  ColumnCondition,
  ColumnValue,
  CommitConflict,
  CommitResult,
  CommitUnit,
  EarlierEpoch,
  EventLogPage,
  EventLogRequest,
  EventLogSearch,
  FactsPage,
  FactsRequest,
  NewFact,
  PageEdges,
  RowCheck,
  RowQuery,
  RowWrite,
  Store,
  StoreCapabilities,
  StoredFact,
  StoredRow,
  TableLayout,
} from './store.ts'
export type { TimeoutOptions, Timeouts } from './timeouts.ts'
export type { Span, SpanAttributes, Tracing } from './tracing.ts'
