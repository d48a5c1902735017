// The public entry of the test kit.

export * from './expectations/index.ts'
export type { DecideOptions, DeciderFollowUp, DeciderGiven, DeciderOutcome } from './given/decider-chain.ts'
export { given } from './given/given.ts'
export type { ExpectedFact, FactDetails, GivenFact, OldFactDetails } from './given/given-fact.ts'
export * from './session/index.ts'
