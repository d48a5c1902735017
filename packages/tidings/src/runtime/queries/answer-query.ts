// Answers a query from the service's own store. If the answer must not be older than an event or a command, it waits, up to a limit.

import { callerOf, type PrincipalInput, toJson, validate } from '../../contracts/index.ts'
import { TidingsError } from '../../errors/index.ts'
import { ending, type MinimumPosition } from '../../ports/index.ts'
import { ReadContext } from '../contexts/read-context.ts'
import { replicaReader } from '../contexts/replica-reader.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { faultOf } from '../failures/own-fault.ts'
import { tableReader } from '../tables/bind-tables.ts'
import { lazyRecord } from '../tables/lazy-record.ts'
import { type Origin, ofCaller, traceOf, traceOfOptions } from '../unit-of-work/origin.ts'
import { parseTokens, type ReadToken } from '../unit-of-work/read-token.ts'
import { currentReadModels, type ReadModelTables } from './current-read-models.ts'
import { createSql } from './sql.ts'

/** Options of a query. */
export interface AnswerQueryOptions {
  /** Who asks: an id, or an id with tenant, roles and claims. Default: nobody. */
  readonly principal?: PrincipalInput | null
  /** The conversation it belongs to. Default: a new one. */
  readonly correlationId?: string
  /** Never answer from a state older than this. */
  readonly minimumPosition?: MinimumPosition
  /**
   * At most 16 tokens of commands whose effects the answer must show. The query waits for them, up to `readAfterTimeoutMs`. With a token of
   * another service it waits until this service has handled that service's events, but not until it has handled events of a third service
   * that follow from them.
   */
  readonly after?: string | readonly string[]
  /** W3C trace context. */
  readonly traceparent?: string | null
  /** What tracers add to the trace context, as W3C `tracestate`. Without `traceparent` it is ignored. */
  readonly tracestate?: string | null
}

/** What a query may have to wait for. */
export interface QueryWaits {
  /** Resolves with true when the service's read models have handled everything committed before the call, with false after the timeout. */
  readonly caughtUp: (timeoutMs: number) => Promise<boolean>
  /** Resolves when the subscriptions of the service have reached the tokens; throws `READ_BEHIND`. */
  readonly reached: (tokens: readonly ReadToken[]) => Promise<void>
}

/** The context that queries receive. It reads the same generation of each read model from its beginning to its end. */
export class AnswerContext extends ReadContext {
  readonly #readModels: ReadModelTables

  constructor(core: ServiceCore, origin: Origin, readModels: ReadModelTables) {
    super(core, origin)
    this.#readModels = readModels
  }

  override get readModels(): unknown {
    return lazyRecord(this.#readModels.readModelTables, (table) => tableReader({ store: this.core.store }, table))
  }
  override get replicas(): unknown {
    return lazyRecord(this.#readModels.replicaTables, (table, name) => replicaReader(this.core, table, name))
  }
  get sql() {
    return createSql(this.core, this.#readModels)
  }
}

/**
 * Answers a query; `undefined` if what is asked for is gone or never existed.
 *
 * Throws `UNKNOWN_QUERY`, `INVALID_PAYLOAD`, `PAYLOAD_…`, `INVALID_TOKEN`, `LOOKUP_BEHIND`, `READ_BEHIND`,
 * `QUERY_TIMEOUT`, `HANDLER_FAILED` if the answer breaks its schema, or what the handler threw.
 */
export async function answerQuery(
  core: ServiceCore,
  name: string,
  input: unknown,
  options: AnswerQueryOptions,
  waits: QueryWaits,
): Promise<unknown> {
  const declaration = core.queries.get(name)
  if (declaration === undefined) {
    throw new TidingsError(
      'UNKNOWN_QUERY',
      `Service ${core.service.name} has no query ${JSON.stringify(String(name).slice(0, 120))}.`,
      { details: { queries: [...core.queries.keys()] } },
    )
  }
  const data = validate(`The input of query ${name}`, declaration.query.input, input)
  // The input must be JSON even within one process, so that a query behaves the same wherever it is called from.
  if (data !== undefined) toJson(`The input of query ${name}`, data, core.service.limits)
  if (options.minimumPosition !== undefined) await reachMinimumPosition(core, options.minimumPosition, waits.caughtUp)
  if (options.after !== undefined) await waits.reached(parseTokens(options.after))
  const caller = callerOf(`query ${name}`, options.principal)
  const id = core.environment.ids.next()
  const trace = traceOfOptions(options)
  const span = core.environment.tracing?.start(`query ${name}`, trace, {
    'tidings.service': core.service.name,
  })
  const origin = {
    service: core.service.name,
    correlationId: options.correlationId ?? id,
    causationId: id,
    causedBy: `query/${name}`,
    ...ofCaller(caller),
    ...traceOf(span ?? trace),
    occurredAt: core.environment.clock.now(),
  }
  const context = new AnswerContext(core, origin, core.sharesStore ? await currentReadModels(core) : core)
  const call = { origin, earlier: undefined, later: undefined }
  core.inProgress.beginCall(call)
  try {
    const run = async () => declaration.run(data, context)
    const output = await core.timeLimit.guard(span === undefined ? run() : span.run(run), () =>
      tooSlow(core, `Query ${name}`),
    )
    span?.end()
    if (output === undefined) return undefined
    const checked = validate(`The answer of query ${name}`, declaration.query.output, output)
    const { limits } = core.service
    const payloadBytesMax = Math.max(answerBytesMax, limits.payloadBytesMax)
    toJson(`The answer of query ${name}`, checked, { ...limits, payloadBytesMax })
    return checked
  } catch (error) {
    const fault = faultOf(`Query ${name}`, error)
    span?.end(fault)
    throw fault
  } finally {
    core.inProgress.endCall(call)
  }
}

/** The error of a query that runs too long; `what` names it: `Query order`. */
export function tooSlow({ service }: ServiceCore, what: string): TidingsError {
  return new TidingsError(
    'QUERY_TIMEOUT',
    `${what} of ${service.name} did not finish within ${service.limits.handlerTimeoutMs} ms.`,
  )
}

/** The largest answer of a query, in bytes, unless the service's `payloadBytesMax` is larger. */
export const answerBytesMax = 8_388_608

async function reachMinimumPosition(
  core: ServiceCore,
  minimumPosition: MinimumPosition,
  caughtUp: (timeoutMs: number) => Promise<boolean>,
): Promise<void> {
  const { store } = core
  const earlier = store.earlierEpochs.find(({ epoch }) => epoch === minimumPosition.epoch)
  const head = (await store.readEventLog({ after: ending, limit: 1 })).head
  const known =
    minimumPosition.epoch === store.epoch
      ? minimumPosition.position <= head
      : earlier !== undefined && minimumPosition.position <= earlier.upTo
  if (!known) {
    throw new TidingsError(
      'LOOKUP_BEHIND',
      `Service ${core.service.name} does not have the event that the lookup refers to: that event has position ${minimumPosition.position}, and its event log ends at ${head || 'the beginning'}.`,
    )
  }
  if (!(await caughtUp(core.service.limits.minimumPositionTimeoutMs))) {
    throw new TidingsError(
      'LOOKUP_BEHIND',
      `The read models of ${core.service.name} did not catch up within ${core.service.limits.minimumPositionTimeoutMs} ms.`,
    )
  }
}
