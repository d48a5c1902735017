// What goes over the wire, for both ends: problem details, server-sent events, headers, and what a control endpoint answers.
// Invariant: nothing of the server is behind this entry, so a client that imports it stays small.

export type {
  Accepted,
  ControlStatus,
  DeferredDelivery,
  DeferredSelection,
  DeliveryAccount,
  EventReference,
  EventSearch,
  EventsPage,
  LoggedEvent,
  PendingEffects,
  PendingRequest,
  PendingTimers,
  ProcessesRequest,
  ProcessHistory,
  ProcessPage,
  ProcessShowOptions,
  RebuildLine,
  RebuildProgress,
  Redrive,
  RedriveRequest,
  SentStatus,
  ServiceAccount,
} from './control-answers.ts'
export { EventParser, type SentEvent } from './event-parser.ts'
export { afterHeader, correlationHeader, occurredAtHeader } from './headers.ts'
export { errorOfProblem, type Problem, type ProblemIssue } from './problem.ts'
