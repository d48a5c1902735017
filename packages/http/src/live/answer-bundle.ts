// Answers a request for a bundle: with a stream, or with a problem if the caller may read none of its parts. A browser's EventSource comes back
// to a stream that ends, and stays away after a problem.

import type { Environment } from 'tidings/ports'
import type { ApiAccess } from '../api/api-options.ts'
import type { AuthorizeLimit } from '../api/authorize-in-time.ts'
import { principalOf } from '../api/principal.ts'
import { type Answer, answerProblem } from '../endpoint/answer.ts'
import { loggedProblem } from '../endpoint/create-endpoint.ts'
import type { Exchange } from '../endpoint/exchange.ts'
import { httpProblem } from '../endpoint/problem-of-error.ts'
import type { Problem } from '../wire/problem.ts'
import { type LivePart, partsOf, pathOfPart } from './bundle-parts.ts'
import { type BundleEvent, type BundleHost, LiveBundle } from './live-bundle.ts'
import type { LiveStreams } from './live-streams.ts'

/** What a bundle is answered with. */
export interface BundleAnswer {
  readonly exchange: Exchange
  readonly host: BundleHost
  readonly streams: LiveStreams
  /** Gives back the place that the bundle has taken. */
  readonly leave: () => void
}

/** Answers a bundle; throws `INVALID_PAYLOAD`. */
export async function answerBundle({ exchange, host, streams, leave }: BundleAnswer): Promise<Answer> {
  let isStream = false
  try {
    const bundle = new LiveBundle(partsOf(exchange.query('of')), host)
    const refusals = await bundle.begin()
    if (refusals !== undefined) return allRefused(refusals)
    isStream = true
    return streams.answer(bundle, leave)
  } finally {
    if (!isStream) leave()
  }
}

/** How the parts of a bundle are authorized: each as if it were requested alone. */
export function bundleAccess(
  access: ApiAccess,
  exchange: Exchange,
  environment: Pick<Environment, 'clock' | 'log' | 'timeouts'>,
  limitOf: (service: string) => AuthorizeLimit,
): Pick<BundleHost, 'authorize' | 'problemOf' | 'timeouts'> {
  return {
    authorize: (part) =>
      principalOf(
        access,
        exchange,
        { service: part.service, kind: 'live', name: part.name, path: pathOfPart(part) },
        limitOf(part.service),
      ),
    problemOf: (error, part) =>
      loggedProblem(error, `GET ${pathOfPart(part)}`.slice(0, 204), environment, {
        service: part.service,
        headers: exchange.headers,
      }),
    timeouts: environment.timeouts,
  }
}

/** The event for a part that is refused. */
export function refusedPart(of: number, problem: Problem): BundleEvent {
  return { of, event: 'refused', id: '', json: JSON.stringify({ problem }) }
}

/** The problem for a part of a service that is not here. Like the 404 of a path, it names no other service. */
export function unknownPart(part: LivePart): Problem {
  return httpProblem('not-found', `There is nothing at ${pathOfPart(part).slice(0, 200)}.`)
}

function allRefused(refusals: readonly string[]): Answer {
  const problems = refusals.map((text) => JSON.parse(text) as Problem)
  const [first] = problems.toSorted((a, b) => rank(a) - rank(b))
  const refused = problems.map((problem, of) => ({ of, problem }))
  return answerProblem({ ...(first as Problem), refused })
}

// Whoever sends no valid credentials is told that first.
function rank({ status }: Problem): number {
  return status === 401 ? 0 : status === 403 ? 1 : 2
}
