// Handles a command: validates it, runs it once per idempotency key, and commits it with everything it causes.
// Invariant: it needs only the service's own store, no broker and no other service (P6).

import {
  callerOf,
  checkText,
  isRejection,
  type PrincipalInput,
  type Rejection,
  toJson,
  validate,
} from '../../contracts/index.ts'
import { TidingsError } from '../../errors/index.ts'
import type { Turn } from '../concurrency/key-lines.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { faultOf } from '../failures/own-fault.ts'
import { checkTracestate, occurredAtOf, ofCaller, traceOf, traceOfOptions } from '../unit-of-work/origin.ts'
import { presentToken, tokenOf } from '../unit-of-work/read-token.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { AnswerPlace, type KeptAnswer } from './kept-answers.ts'
import { commandTarget, contractOf, keyOfCommand } from './run-command.ts'

/** Options of a command. */
export interface HandleCommandOptions {
  /**
   * Runs the command only once: if the same principal sends the same command with the same key and input, it gets the first answer again. 1 to
   * 512 characters. How long answers are kept: `idempotencyKeepDays` of the service.
   */
  readonly idempotencyKey?: string
  /** Who sends it: an id, or an id with tenant, roles and claims. Default: nobody. */
  readonly principal?: PrincipalInput | null
  /** Business time. Default: now. */
  readonly occurredAt?: Date
  /** The conversation it belongs to: 1 to 512 characters. Default: a new one. */
  readonly correlationId?: string
  /** W3C trace context. */
  readonly traceparent?: string | null
  /** What tracers add to the trace context, as W3C `tracestate`. Without `traceparent` it is ignored. */
  readonly tracestate?: string | null
}

/** The result of a command. */
export type CommandResult = {
  readonly commandId: string
  /** The answer is that of an earlier call with the same idempotency key. */
  readonly replayed: boolean
  /** Covers everything the command has done: a query with this token as `after` is never answered from an older state. */
  readonly token: string
} & (
  | { readonly accepted: true; readonly output: unknown }
  | { readonly accepted: false; readonly rejection: Rejection }
)

/**
 * Handles a command.
 *
 * Throws `UNKNOWN_COMMAND`, `INVALID_PAYLOAD`, `INVALID_KEY`, `PAYLOAD_…`, `IDEMPOTENCY_KEY_REUSED`, `CONFLICT`, `KEY_BUSY`,
 * `STORE_UNAVAILABLE`, `COMMAND_TIMEOUT`, `HANDLER_FAILED` if the function broke a schema of its own service, or what it threw.
 */
export async function handleCommand(
  core: ServiceCore,
  name: string,
  input: unknown,
  options: HandleCommandOptions = {},
): Promise<CommandResult> {
  const target = commandTarget(core, name)
  const contract = contractOf(target)
  let parsed: { readonly data: unknown; readonly text: string; readonly key: string | undefined } | undefined
  const parse = () => {
    if (parsed !== undefined) return parsed
    const data = validate(`Command ${name}`, contract?.input ?? never(), input)
    const text = toJson(`Command ${name}`, data, core.service.limits)
    // The caller has chosen the key, so an odd one is not a bug of the function that runs.
    const key = keyOfCommand(target, name, data)
    parsed = { data, text, key }
    return parsed
  }
  // A repetition is answered from what is kept, even if the schema no longer takes what was sent.
  if (options.idempotencyKey === undefined) parse()
  const commandId = core.environment.ids.next()
  const occurredAt = occurredAtOf(`Command ${name}`, options.occurredAt, core.environment.clock.now())
  const caller = callerOf(`command ${name}`, options.principal)
  checkOrigin(options)
  const place = answerPlace()
  const trace = traceOfOptions(options)
  const span = core.environment.tracing?.start(`command ${name}`, trace, {
    'tidings.service': core.service.name,
  })
  const origin = {
    service: core.service.name,
    correlationId: options.correlationId ?? commandId,
    causationId: commandId,
    causedBy: `command/${name}`,
    ...ofCaller(caller),
    ...traceOf(span ?? trace),
    occurredAt,
  }
  const turn = core.keyLines.begin()
  try {
    const result = await attempt()
    turn.end()
    span?.end()
    return result
  } catch (error) {
    turn.end(error)
    span?.end(error)
    throw error
  }

  function answerPlace(): AnswerPlace | undefined {
    const { idempotencyKey } = options
    if (idempotencyKey === undefined) return undefined
    const parsedText = () => parse().text
    return new AnswerPlace(core, { command: name, principal: caller, idempotencyKey, sent: input, parsedText })
  }

  async function runOrClose(unit: UnitOfWork): Promise<unknown> {
    const { data, key } = parse()
    core.inProgress.beginCall(origin)
    try {
      const running =
        span === undefined
          ? core.runCommand(core, unit, name, data, origin, key)
          : span.run(() => core.runCommand(core, unit, name, data, origin, key))
      return await core.timeLimit.guard(running, () => tooSlow(core, name, turn))
    } catch (error) {
      unit.close()
      throw faultOf(`Command ${name}`, error)
    } finally {
      core.inProgress.endCall(origin)
    }
  }

  async function attempt(): Promise<CommandResult> {
    for (let tries = 0; tries <= core.service.limits.conflictRetriesMax; tries++) {
      const unit = new UnitOfWork(core.store)
      unit.turn = turn
      const kept = place === undefined ? undefined : await place.find(unit)
      if (kept !== undefined) return replay(kept, await presentToken(core.store, core))
      const answer = await runOrClose(unit)
      const rejection = isRejection(answer) ? answer : undefined
      // The writes of a rejected command are discarded; only the answer is kept.
      const written = rejection === undefined ? unit : new UnitOfWork(core.store)
      // The unit that ran has read the row of the idempotency key, so its commit would check that row. If another unit takes its place,
      // that one must check it.
      if (written !== unit) place?.checkAbsent(written)
      place?.keep(written, commandId, answer)
      unit.close()
      // A rejection without an idempotency key, or a command that changed nothing, leaves nothing to commit.
      const result = written.hasWrites ? await core.commit(written) : undefined
      if (result?.committed === false) continue
      const token = result === undefined ? await presentToken(core.store, core) : tokenOf(core.store, result)
      return rejection === undefined
        ? { accepted: true, commandId, output: answer, replayed: false, token }
        : { accepted: false, commandId, rejection, replayed: false, token }
    }
    throw new TidingsError(
      'CONFLICT',
      `Optimistic concurrency conflict while handling command ${name}; gave up after ${core.service.limits.conflictRetriesMax + 1} attempts.`,
    )
  }
}

function tooSlow({ service }: ServiceCore, name: string, turn: Turn): TidingsError {
  const what = turn.isWaiting ? 'waited for its key, which another command has, for' : 'did not finish within'
  return new TidingsError(
    'COMMAND_TIMEOUT',
    `Command ${name} of ${service.name} ${what} ${service.limits.handlerTimeoutMs} ms.`,
  )
}

// These values become part of every event that the command leads to, so they must be texts that every store can keep.
function checkOrigin({ correlationId, traceparent, tracestate }: HandleCommandOptions): void {
  if (correlationId !== undefined) checkText('The conversation of a command', correlationId)
  if (traceparent !== undefined && traceparent !== null) checkText('The trace context of a command', traceparent)
  if (tracestate !== undefined && tracestate !== null) checkTracestate('The trace state of a command', tracestate)
}

function replay({ commandId, output, rejection }: KeptAnswer, token: string): CommandResult {
  return rejection === undefined
    ? { accepted: true, commandId, output, replayed: true, token }
    : { accepted: false, commandId, rejection: { kind: 'tidings.rejection', ...rejection }, replayed: true, token }
}

function never(): never {
  throw new TidingsError('INVARIANT', 'Invariant broken: a command without a contract')
}
