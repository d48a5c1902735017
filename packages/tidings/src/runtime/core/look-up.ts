// A handler's lookups: equal ones share an answer, and failed ones are retried until the timeout. All go through a port, even within one
// process. Invariant: the owner alone parses input and answer by the query's schemas, so a transform runs once.

import { misfitOf, type QueryContract, shapeOf, toJson } from '../../contracts/index.ts'
import { isTidingsError, retryOf, TidingsError } from '../../errors/index.ts'
import type { Environment } from '../../ports/environment.ts'
import type { LookupAnswer, Lookups, MinimumPosition } from '../../ports/index.ts'
import type { Limits } from '../../services/index.ts'
import { pause, withTimeout } from '../concurrency/wait.ts'
import { traceOf } from '../unit-of-work/origin.ts'

/** A lookup of a handler. */
export interface LookUpRequest {
  readonly query: QueryContract
  readonly input: unknown
  readonly minimumPosition: MinimumPosition | undefined
  readonly correlationId: string
  readonly principal: string | null
  readonly tenant: string | null
  /** W3C trace context of the handler that asks. */
  readonly traceparent: string | null
  readonly tracestate: string | null
  readonly limits: Limits
}

/** Makes a lookup; `undefined` if what was asked for is gone. */
export type LookUp = (request: LookUpRequest) => Promise<unknown>

const firstRetryMs = 50

/** Creates the lookups of one service over a port. */
export function createLookUp(environment: Environment, lookups: Lookups): LookUp {
  const underWay = new Map<string, Promise<LookupAnswer>>()
  return async (request) => {
    const { query } = request
    const input = toJson(`The input of query ${query.name}`, request.input, request.limits)
    // Handlers that ask the same question at the same time, with the same minimum position, share one request.
    const { minimumPosition, principal, tenant } = request
    const id = JSON.stringify([query.owner, query.name, minimumPosition, principal, tenant, input])
    let answer = underWay.get(id)
    if (answer === undefined) {
      answer = ask(environment, lookups, request, input).finally(() => underWay.delete(id))
      underWay.set(id, answer)
    }
    const got = await answer
    return got.found ? readAnswer(query, got.output) : undefined
  }
}

// The owner may run other code than the handler that asks, so the answer is checked, as far as a JSON Schema can be derived, and not parsed.
function readAnswer(query: QueryContract, text: string): unknown {
  const answer: unknown = JSON.parse(text)
  const shape = shapeOf(query.output)
  const found = shape === undefined ? undefined : misfitOf(shape, answer)
  if (found === undefined) return answer
  throw new TidingsError(
    'INVALID_PAYLOAD',
    `The answer of query ${query.name} is not what this code expects: ${found.path || 'it'} ${found.message}.`,
    { hint: `Deploy this service and ${query.owner} with the same contract.`, details: { issues: [found] } },
  )
}

async function ask(
  environment: Environment,
  lookups: Lookups,
  request: LookUpRequest,
  input: string,
): Promise<LookupAnswer> {
  const { query, limits } = request
  const deadline = environment.clock.monotonicMs() + limits.lookupTimeoutMs
  const span = environment.tracing?.start(`lookup ${query.owner}/${query.name}`, request, {})
  for (let delayMs = firstRetryMs; ; delayMs *= 2) {
    const timeoutMs = Math.max(1, deadline - environment.clock.monotonicMs())
    try {
      const question = {
        service: query.owner,
        query: query.name,
        input,
        minimumPosition: request.minimumPosition,
        correlationId: request.correlationId,
        principal: request.principal,
        tenant: request.tenant,
        ...traceOf(span ?? request),
        timeoutMs,
      }
      const answer = await withTimeout(
        environment.timeouts,
        timeoutMs,
        span === undefined ? lookups.ask(question) : span.run(() => lookups.ask(question)),
        () =>
          new TidingsError(
            'LOOKUP_UNAVAILABLE',
            `${query.owner} did not answer ${query.name} within ${limits.lookupTimeoutMs} ms.`,
          ),
        { keepsAlive: true },
      )
      span?.end()
      return answer
    } catch (error) {
      const over = environment.clock.monotonicMs() + delayMs >= deadline
      if (retryOf(error) !== 'unavailable' || over) {
        span?.end(error)
        if (isTidingsError(error)) throw error
        throw new TidingsError('LOOKUP_UNAVAILABLE', `${query.owner} could not be reached for query ${query.name}.`, {
          cause: error,
        })
      }
    }
    await pause(environment.timeouts, delayMs)
  }
}
