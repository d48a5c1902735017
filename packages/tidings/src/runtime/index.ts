// Running services: what hosts (adapters) and tests build on.

export type { QueryOptions } from './answer-query.ts'
export { type ReadModelStatus, ServiceRuntime, type ServiceStatus } from './create-service.ts'
export { answerLookup, createSystem, type System, type SystemOptions } from './create-system.ts'
export type { CommandOptions, CommandResult } from './handle-command.ts'
export type { HeldError, HeldEvent, HeldState } from './held-events.ts'
export type { Host } from './host.ts'
export type { RebuildProgress } from './rebuild-read-model.ts'
export type { RelayStatus } from './relay-outbox.ts'
export type { SettleOptions } from './settle.ts'
export type { Subscription, SubscriptionState, SubscriptionStatus } from './subscription.ts'
