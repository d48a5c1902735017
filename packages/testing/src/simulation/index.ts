// The simulator: a whole system of real services, on rough days that a seed decides.

export type { Chance } from './random/chance.ts'
export type { Checker, CheckMoment } from './checkers/checker.ts'
export { checkers } from './checkers/index.ts'
export type { CommandAccount } from './workload/clients.ts'
export { defineSimulation, type Simulation, type SimulationOptions } from './definition/define-simulation.ts'
export { type EngineInFolderOptions, engineInFolder } from './engines/engine-in-folder.ts'
export { type FreshEngine, memoryEngines, type SimulatedEngine } from './engines/engines.ts'
export type { Evidence, SeenRow, SeenService } from './evidence/evidence.ts'
export type { Failure } from './checkers/failure.ts'
export { failureLines, parseTraceLine, type TraceLine } from './report/failure-lines.ts'
export type { Fault, FaultKnobs, FaultName } from './faults/fault.ts'
export { usualFaults } from './faults/index.ts'
export {
  type Invariant,
  type InvariantCheck,
  type InvariantOptions,
  type InvariantTools,
  invariant,
  type TablesOf,
} from './definition/define-invariant.ts'
export { type CrashPointName, crashPoints } from './system/port-call.ts'
export type { Run } from './run/run-schedule.ts'
export { type Action, describeAction, type Schedule, type WorkloadTools } from './schedule/schedule.ts'
export {
  type FailedRun,
  playSchedule,
  playSeed,
  type SimulateOptions,
  type SimulationReport,
  simulate,
} from './search/simulate.ts'
export { type CommandStep, type SendOptions, send, type WaitStep, type WorkloadStep, wait } from './workload/workload-step.ts'
export type { Witness } from './instrumentation/record-executions.ts'
