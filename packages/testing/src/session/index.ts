// Whole systems in a test.

export { createSession, inSession } from './create-session.ts'
export { type EventDetails, type GivenEvent, type OldEventDetails, type Retracted, retracted } from './event-record.ts'
export type { CrashPoint } from './life.ts'
export type { PublishedEvent } from './read-log.ts'
export { seedVariable } from './seed.ts'
export type { CommandAnswer, DeliveredEvent, ServiceName, Session, SessionOptions, SettleOptions } from './session.ts'
