// The simulator: a whole system of real services, on rough days that a seed decides.

export type { Chance } from './chance.ts'
export type { Checker, CheckMoment } from './checker.ts'
export { checkers } from './checkers/index.ts'
export type { CommandAccount } from './clients.ts'
export { defineSimulation, type Simulation, type SimulationOptions } from './define-simulation.ts'
export { type EngineInFolderOptions, engineInFolder } from './engine-in-folder.ts'
export { type FreshEngine, memoryEngines, type SimulatedEngine } from './engines.ts'
export type { Evidence, SeenRow, SeenService } from './evidence.ts'
export type { Failure } from './failure.ts'
export { failureLines, parseTraceLine, type TraceLine } from './failure-lines.ts'
export type { Fault, FaultKnobs, FaultName } from './fault.ts'
export { usualFaults } from './faults/index.ts'
export {
  type Invariant,
  type InvariantCheck,
  type InvariantOptions,
  type InvariantTools,
  invariant,
  type TablesOf,
} from './invariant.ts'
export { type CrashPointName, crashPoints } from './passage.ts'
export type { Run } from './run-schedule.ts'
export { type Action, describeAction, type Schedule, type WorkloadTools } from './schedule.ts'
export {
  type FailedRun,
  playSchedule,
  playSeed,
  type SimulateOptions,
  type SimulationReport,
  simulate,
} from './simulate.ts'
export { type CommandStep, type SendOptions, send, type WaitStep, type WorkloadStep, wait } from './step.ts'
export type { Witness } from './witness.ts'
