// The public entry of the Node adapter: configuration, a system in one process or many, the environment, and clients for the control
// endpoints of running processes.

export { type Backoff, nextDelay, type Pause } from './child-processes/backoff.ts'
export { mergeAccounts } from './child-processes/merged-accounts.ts'
export {
  type Ending,
  type OrderedProcess,
  type OrderedProcessOptions,
  type PrintedLine,
  startOrderedProcess,
} from './child-processes/ordered-process.ts'
export type { SettledOptions } from './child-processes/settled-processes.ts'
export {
  type ProcessAccount,
  type ProcessesOptions,
  type ProcessLine,
  type RunningProcesses,
  startProcesses,
} from './child-processes/start-processes.ts'
export { type Config, type ConfigOptions, defineConfig, type EngineOptions } from './config/config.ts'
export { configFileNames, type LoadedConfig, loadConfig } from './config/load-config.ts'
export { type ControlClient, controlClients } from './control/control-client.ts'
export type { RunFile } from './control/run-file.ts'
export { type RunPlace, readRunPlaces } from './control/run-places.ts'
export { createLogSink, type LogOptions } from './environment/log-sink.ts'
export { type NodeEnvironmentOptions, nodeEnvironment } from './environment/node-environment.ts'
export { type CommandForm, completedText, tidingsCall } from './environment/printed-commands.ts'
export { safeJsonText, safeText } from './environment/safe-text.ts'
export { wordsOfText } from './environment/words-of-text.ts'
export type { AnsweredProbes, AskMissing } from './health/health-channel.ts'
export { type HealthOptions, healthOfText } from './health/health-options.ts'
export { keepOutputFlowing } from './output/keep-output-flowing.ts'
export type { PageFolder, Pages } from './pages/page-folders.ts'
export type { HttpOptions } from './server/http-options.ts'
export { type Closing, type RunningSystem, type StartOptions, startSystem } from './start-system.ts'
export { strayStore, strayStores } from './stray-stores.ts'
export { type BlockedNote, readBlockedNote } from './watchdog/blocked-note.ts'
export { type ProcessState, stateOfProcess } from './watchdog/process-state.ts'
export { type StartWatchdogOptions, startWatchdog, type Watchdog, type WatchedServices } from './watchdog/watchdog.ts'
export type { WatchdogOptions } from './watchdog/watchdog-options.ts'
