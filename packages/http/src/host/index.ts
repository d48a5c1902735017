// What a host needs to serve the HTTP API itself or add endpoints of its own: answers as plain values, sinks for streams, access rules.

export { answerDocument } from '../api/answer-document.ts'
export { type ApiAccess, apiAccess, connectionCountPerAddressMax } from '../api/api-options.ts'
export { type AuthorizeLimit, authorizeLimits } from '../api/authorize-in-time.ts'
export { addressOf, type Called, principalOf } from '../api/principal.ts'
export { type ApiRoutes, routeRequest, type ServiceRoutes } from '../api/route-request.ts'
export { type AccessPolicy, isLoopback } from '../endpoint/access.ts'
export { Admission, type AdmissionOptions } from '../endpoint/admission.ts'
export {
  type Answer,
  answerJson,
  answerProblem,
  type StreamBody,
  type StreamSink,
} from '../endpoint/answer.ts'
export { addressKey, isNetwork, type TrustProxy } from '../endpoint/client-address.ts'
export {
  createEndpoint,
  type EndpointOptions,
  notFound,
  onlyMethod,
  refusedRequest,
} from '../endpoint/create-endpoint.ts'
export { decodePart, Exchange } from '../endpoint/exchange.ts'
export { type HttpErrorCode, httpProblem } from '../endpoint/problem-of-error.ts'
export { statusOfCode } from '../endpoint/status-of-code.ts'
export { toResponse } from '../endpoint/to-response.ts'
export { answerBundle, bundleAccess, refusedPart, unknownPart } from '../live/answer-bundle.ts'
export { type LivePart, ofParameter } from '../live/bundle-parts.ts'
export type { AdmittedPart, BundleEvent, BundleHost } from '../live/live-bundle.ts'
export { type LiveSelection, LiveStreams, type StreamSource } from '../live/live-streams.ts'
export { StreamPlaces } from '../live/stream-places.ts'
