// One command that runs: what was sent, where it comes from, the keys that it has, and its place among what runs. It is one object for all of
// it, because there may be thousands at once. Invariant: a function that ends without waiting needs neither a promise nor a time limit.

import { callerOf, checkText, type PrincipalInput, toJson, validate } from '../../contracts/index.ts'
import { TidingsError } from '../../errors/index.ts'
import type { Awaitable, Span } from '../../ports/index.ts'
import { Turn } from '../concurrency/key-lines.ts'
import type { CommandTarget, ServiceCore } from '../core/service-core.ts'
import type { RunningCall } from '../core/work-in-progress.ts'
import { faultOf } from '../failures/own-fault.ts'
import { checkTracestate, type Origin, occurredAtOf, traceOfOptions } from '../unit-of-work/origin.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { AnswerPlace } from './kept-answers.ts'
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

interface Parsed {
  readonly data: unknown
  readonly text: string
  readonly key: string | undefined
}

/** A command that runs. */
export class CommandRun extends Turn implements RunningCall {
  readonly core: ServiceCore
  readonly name: string
  readonly origin: Origin
  /** The place of its answer, if it has an idempotency key. */
  readonly place: AnswerPlace | undefined
  readonly span: Span | undefined
  earlier: RunningCall | undefined
  later: RunningCall | undefined
  readonly #input: unknown
  readonly #target: CommandTarget
  #parsed: Parsed | undefined

  /** Throws `UNKNOWN_COMMAND`, `INVALID_PAYLOAD`, `INVALID_KEY` or `PAYLOAD_…`. */
  constructor(core: ServiceCore, name: string, input: unknown, options: HandleCommandOptions) {
    super(core.keyLines)
    const { environment, service } = core
    const { idempotencyKey } = options
    this.core = core
    this.name = name
    this.#input = input
    this.#target = commandTarget(core, name)
    // A repetition is answered from what is kept, even if the schema no longer takes what was sent.
    if (idempotencyKey === undefined) this.#parse()
    const commandId = environment.ids.next()
    const occurredAt = occurredAtOf(`Command ${name}`, options.occurredAt, environment.clock.now())
    const caller = callerOf(`command ${name}`, options.principal)
    checkOrigin(options)
    this.place =
      idempotencyKey === undefined
        ? undefined
        : new AnswerPlace(core, {
            command: name,
            principal: caller,
            idempotencyKey,
            sent: input,
            parsedText: () => this.#parse().text,
          })
    const trace = traceOfOptions(options)
    this.span = environment.tracing?.start(`command ${name}`, trace, { 'tidings.service': service.name })
    const { traceparent, tracestate } = this.span ?? trace
    this.origin = {
      service: service.name,
      correlationId: options.correlationId ?? commandId,
      causationId: commandId,
      causedBy: `command/${name}`,
      principal: caller?.id ?? null,
      tenant: caller?.tenant ?? null,
      caller,
      traceparent,
      tracestate,
      occurredAt,
    }
  }

  /** Runs its function within a unit; throws `COMMAND_TIMEOUT`, `HANDLER_FAILED`, or what the function threw. */
  call(unit: UnitOfWork): Awaitable<unknown> {
    const { core, span } = this
    const { data, key } = this.#parse()
    core.inProgress.beginCall(this)
    let running: Awaitable<unknown>
    try {
      running =
        span === undefined
          ? core.runCommand(core, unit, this.name, data, this.origin, key)
          : span.run(() => core.runCommand(core, unit, this.name, data, this.origin, key))
    } catch (error) {
      core.inProgress.endCall(this)
      throw this.#faultOf(unit, error)
    }
    if (running instanceof Promise) return this.#ended(unit, running)
    core.inProgress.endCall(this)
    return running
  }

  async #ended(unit: UnitOfWork, running: Promise<unknown>): Promise<unknown> {
    const { core } = this
    try {
      return await core.timeLimit.guard(running, () => this.#tooSlow())
    } catch (error) {
      throw this.#faultOf(unit, error)
    } finally {
      core.inProgress.endCall(this)
    }
  }

  #faultOf(unit: UnitOfWork, error: unknown): unknown {
    unit.close()
    return faultOf(`Command ${this.name}`, error)
  }

  #parse(): Parsed {
    if (this.#parsed !== undefined) return this.#parsed
    const { core, name } = this
    const data = validate(`Command ${name}`, contractOf(this.#target)?.input ?? never(), this.#input)
    const text = toJson(`Command ${name}`, data, core.service.limits)
    // The caller has chosen the key, so an odd one is not a bug of the function that runs.
    const key = keyOfCommand(this.#target, name, data)
    this.#parsed = { data, text, key }
    return this.#parsed
  }

  #tooSlow(): TidingsError {
    const { name, limits } = this.core.service
    const what = this.isWaiting ? 'waited for its key, which another command has, for' : 'did not finish within'
    return new TidingsError('COMMAND_TIMEOUT', `Command ${this.name} of ${name} ${what} ${limits.handlerTimeoutMs} ms.`)
  }
}

// These values become part of every event that the command leads to, so they must be texts that every store can keep.
function checkOrigin({ correlationId, traceparent, tracestate }: HandleCommandOptions): void {
  if (correlationId !== undefined) checkText('The conversation of a command', correlationId)
  if (traceparent !== undefined && traceparent !== null) checkText('The trace context of a command', traceparent)
  if (tracestate !== undefined && tracestate !== null) checkTracestate('The trace state of a command', tracestate)
}

function never(): never {
  throw new TidingsError('INVARIANT', 'Invariant broken: a command without a contract')
}
