// The public entry: a typed client for the HTTP API of services, for every platform with `fetch`, browsers included.

export type {
  CallOptions,
  Client,
  ClientService,
  CommandCallOptions,
  CommandResponse,
  CommandsOf,
  LiveCallOptions,
  LiveChange,
  LiveQueriesOf,
  QueriesOf,
  QueryCallOptions,
  ServiceClient,
  ServiceContracts,
} from './client-shapes.ts'
export { type ClientOptions, createClient, type RequestHeaders } from './create-client.ts'
