// Sessions: whole systems in one test.

export type { PublishedEvent } from '../world/read-log.ts'
export type { CrashMoment } from '../world/run-lifetime.ts'
export { createSession, inSession } from './create-session.ts'
export { type EventDetails, type GivenEvent, type OldEventDetails, type Retracted, retracted } from './event-record.ts'
export { seedVariable } from './seed.ts'
export type {
  DeliveredEvent,
  InstanceInSession,
  ServiceName,
  Session,
  SessionCommandAnswer,
  SessionOptions,
  SessionSettleOptions,
  StateOfProcess,
  TimerInSession,
} from './session.ts'
export type { EffectAttempt, GivenEffect, GivenEffects, PerformedEffect } from './stand-in-effects.ts'
