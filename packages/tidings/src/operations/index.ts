// Operations on running services: the map, conversations, deferred events and redrive, processes, timers and effects.

export type { ProcessInstance, ProcessStep } from '../runtime/process-managers/process-instance.ts'
export { commandsOf, declaredSubscriber } from '../services/index.ts'
export { type Accepted, type AcceptFrom, acceptEpoch } from './accept-epoch.ts'
export {
  type CausalNode,
  type CausalTree,
  causalTree,
  type DeliveryAccount,
  deliveriesOf,
  eventsOfConversation,
} from './conversations.ts'
export {
  type DeferredDelivery,
  type DeferredSelection,
  deferredEvents,
  type Redrive,
  type RedriveOptions,
  redrive,
} from './dead-letters.ts'
export { eventLogReads } from './event-log-reads.ts'
export {
  type ListedProcess,
  listProcesses,
  listProcessesOf,
  type ProcessHistory,
  type ProcessListOptions,
  type ProcessPage,
  type ProcessShowOptions,
  type ShownStep,
  showProcess,
} from './process-managers.ts'
export type { ShownFact, ShownState } from './process-values.ts'
export {
  type ItemState,
  listTimers,
  type PendingEffect,
  type PendingEffects,
  type PendingOptions,
  type PendingTimer,
  type PendingTimers,
  pendingEffects,
} from './scheduled-items.ts'
export {
  type InstanceValue,
  instanceStates,
  instanceValue,
  isStreamOfInstance,
  type RequestValue,
  requestValues,
  type TimerValue,
  timerValues,
} from './scheduled-values.ts'
export { type MappedEvent, type MappedFunction, type MappedService, type SystemMap, systemMap } from './system-map.ts'
