// The parts of a kill rig for real processes: crash points within them, faults from outside, and the verdict on what was seen.

export * from './crash-points.ts'
export * from './crash-switch.ts'
export * from './crashing-driver.ts'
export * from './crashing-service.ts'
export * from './fault-injector.ts'
export type { FaultCounts, FaultKind } from './fault-kinds.ts'
export * from './observer.ts'
export * from './verdict.ts'
