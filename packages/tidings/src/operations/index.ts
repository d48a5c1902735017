// Operating running services: what happens, what happened, what is held, and what to do about it.

export { type Accepted, type AcceptFrom, acceptEpoch } from './accept-epoch.ts'
export {
  type InstanceValue,
  instanceStates,
  instanceValue,
  type RequestValue,
  requestValues,
  type TimerValue,
  timerValues,
} from './agenda-values.ts'
export {
  type CausalNode,
  type CausalTree,
  causalTree,
  type DeliveryAccount,
  deliveriesOf,
  eventsOfConversation,
} from './conversations.ts'
export { type HeldLetter, type HeldSelection, heldLetters, type Redrive, redrive } from './dead-letters.ts'
export { type MappedEvent, type MappedFunction, type MappedService, type SystemMap, systemMap } from './system-map.ts'
