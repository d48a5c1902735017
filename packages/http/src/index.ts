// The public entry: the HTTP API and the control endpoint of a system, as functions from a `Request` to its answer, on any host.

export type { ApiAccessOptions, ApiRequest, Authorize, Authorized } from './api/api-options.ts'
export { createHttpApi, type HttpApi, type HttpApiOptions } from './api/create-http-api.ts'
export { type OpenApiOptions, openApiOf } from './api/openapi.ts'
export {
  type ControlEndpointOptions,
  type ControlledSystem,
  createControlEndpoint,
} from './control/create-control-endpoint.ts'
export type { TrustProxy } from './endpoint/client-address.ts'
export type { HttpEndpoint } from './endpoint/create-endpoint.ts'
export type { Connection } from './endpoint/exchange.ts'
export type { LiveSelection } from './live/live-streams.ts'
