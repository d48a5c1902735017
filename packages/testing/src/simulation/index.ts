// The simulator: runs a whole system of real services under faults, and checks the promises. One seed decides everything.

export type { FreshEngine, SimulatedEngine } from '../world/simulated-engine.ts'
export type { Checker, CheckMoment } from './checkers/checker.ts'
export type { Failure } from './checkers/failure.ts'
export { checkers } from './checkers/index.ts'
export {
  defineInvariant,
  type Invariant,
  type InvariantCheck,
  type InvariantOptions,
  type InvariantTools,
  type TablesOf,
} from './definition/define-invariant.ts'
export { defineSimulation, type Simulation, type SimulationOptions } from './definition/define-simulation.ts'
export { type EngineInFolderOptions, engineInFolder } from './engines/engine-in-folder.ts'
export { type EngineOnServerOptions, engineOnServer } from './engines/engine-on-server.ts'
export { memoryEngines } from './engines/engines.ts'
export type { Evidence, RowEvidence, ServiceEvidence } from './evidence/evidence.ts'
export type { Fault, FaultName, FaultRates } from './faults/fault.ts'
export { defaultFaults } from './faults/index.ts'
export type { ExecutionRecord } from './instrumentation/record-executions.ts'
export type { EffectOutcomes } from './instrumentation/simulated-effects.ts'
export type { Chance } from './random/chance.ts'
export { failureLines, parseTraceLine, type TraceLine } from './report/failure-lines.ts'
export type { Run } from './run/run-schedule.ts'
export { type Action, describeAction, type Schedule } from './schedule/schedule.ts'
export { type PlayOptions, playSchedule, playSeed } from './search/play-seed.ts'
export {
  type FailedRun,
  type InconclusiveRun,
  type SimulateOptions,
  type SimulationReport,
  simulate,
} from './search/simulate.ts'
export { type SimulationCrashPoint, simulationCrashPoints } from './system/port-call.ts'
export type { CommandAccount, ScheduledCommand } from './workload/clients.ts'
export {
  type CommandStep,
  type SendOptions,
  send,
  type WaitStep,
  type WorkloadStep,
  type WorkloadTools,
  wait,
} from './workload/workload-step.ts'
