// The ports in memory: a reference driver, and a clock, timeouts, ids, randomness and log lines that tests control.

export { type Alarm, createManualClock, type ManualClock } from './manual-clock.ts'
export { createManualTimeouts, type ManualTimeouts, type ManualTimeoutsOptions } from './manual-timeouts.ts'
export { type MemoryDriver, type MemoryDriverOptions, memoryDriver } from './memory-driver.ts'
export { createMemoryLogSink, type MemoryLogSink } from './memory-log-sink.ts'
export { createSeededRandom } from './seeded-random.ts'
export { createSequentialIds } from './sequential-ids.ts'
