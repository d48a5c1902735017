// The public entry of the Node adapter: the host, configuration, doors, control endpoint, processes and the typed client.

export type {
  CallOptions,
  Client,
  ClientService,
  CommandAnswer,
  CommandCallOptions,
  CommandsOf,
  LiveCallOptions,
  LiveChange,
  LiveQueriesOf,
  QueriesOf,
  QueryCallOptions,
  ServiceClient,
  ServiceDoors,
} from './client/client-shapes.ts'
export { type ClientOptions, createClient } from './client/create-client.ts'
export { type Config, type ConfigOptions, defineConfig, type EngineOptions } from './config/config.ts'
export { configFileNames, type LoadedConfig, loadConfig } from './config/load-config.ts'
export type {
  ControlStatus,
  EventReference,
  EventSearch,
  EventsPage,
  PendingRequest,
  ProcessesRequest,
  RedriveRequest,
  ServiceAccount,
} from './control/control-answers.ts'
export { type ControlClient, controlClients } from './control/control-client.ts'
export type { RunFile } from './control/run-file.ts'
export type { Authorize, Authorized, DoorOptions, DoorRequest } from './doors/door-options.ts'
export { type OpenApiOptions, openApiOf } from './doors/openapi.ts'
export { createLogSink, type LogOptions } from './host/log-sink.ts'
export { type NodeHostOptions, nodeHost } from './host/node-host.ts'
export type { PageFolder, Pages } from './pages/page-folders.ts'
export type { SettledOptions } from './processes/settled-processes.ts'
export {
  type ProcessAccount,
  type ProcessesOptions,
  type RunningProcesses,
  startProcesses,
} from './processes/start-processes.ts'
export { type RunningSystem, type StartOptions, startSystem } from './start-system.ts'
