// given, when, then: for deciders, for a service alone, for its read models and replicas.

export type { DecideOptions, DeciderFollowUp, DeciderGiven, DeciderOutcome } from './decider-chain.ts'
export type {
  DefinitionOf,
  Expectation,
  ExpectedDetails,
  ExpectedError,
  ExpectedEvent,
  RowsOf,
} from './expect-consequences.ts'
export type { ExpectedInstance, ExpectedKeyedTimers, ExpectedTimer, ExpectedTimers } from './expect-schedule.ts'
export { given } from './given.ts'
export type { ExpectedFact, FactDetails, GivenFact, OldFactDetails } from './given-fact.ts'
export type { ReadModelGiven, ReadModelRows } from './read-model-chain.ts'
export type {
  CommandOutcome,
  HandlerOutcome,
  InputOfSubject,
  OptionsOfSubject,
  OutcomeOfSubject,
  QueryOutcome,
  ReplicasOf,
  ServiceFollowUp,
  ServiceGiven,
  Subject,
} from './service-chain.ts'
