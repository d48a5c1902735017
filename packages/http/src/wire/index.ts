// What server and client share: problem details, server-sent events, headers, and the answers of a control endpoint.
// Invariant: this entry imports nothing of the server, so a client that uses it stays small.

export type {
  Accepted,
  AcceptedVersions,
  ControlStatus,
  DeferredDelivery,
  DeferredSelection,
  DeliveryAccount,
  EditedVersion,
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
export { errorOfProblem, isMembers, type Problem, type ProblemIssue } from './problem.ts'
