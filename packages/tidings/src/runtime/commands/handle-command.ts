// Handles a command: validates it, runs it once per idempotency key, and commits it with everything it causes.
// Invariant: it needs only the service's own store, no broker and no other service (P6).

import {
  callerOf,
  checkKey,
  checkText,
  isRejection,
  type PrincipalInput,
  type Rejection,
  toJson,
  validate,
} from '../../contracts/index.ts'
import { TidingsError } from '../../errors/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { fingerprint } from '../unit-of-work/fingerprint.ts'
import { checkTracestate, occurredAtOf, traceOfOptions } from '../unit-of-work/origin.ts'
import { presentToken, tokenOf } from '../unit-of-work/read-token.ts'
import { systemTables } from '../unit-of-work/system-tables.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { commandTarget } from './run-command.ts'

/** Options of a command. */
export interface HandleCommandOptions {
  /** Runs the command only once: a repeated key gets the first answer again. 1 to 512 characters. */
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

interface RecordedAnswer {
  readonly command: string
  readonly input: string
  readonly commandId: string
  readonly output?: unknown
  readonly rejection?: {
    readonly code: string
    readonly message: string
    readonly details: Readonly<Record<string, unknown>>
  }
}

/**
 * Handles a command.
 *
 * Throws `UNKNOWN_COMMAND`, `INVALID_PAYLOAD`, `INVALID_KEY`, `PAYLOAD_…`, `IDEMPOTENCY_KEY_REUSED`, `CONFLICT`, `STORE_UNAVAILABLE`, or what the handler threw.
 */
export async function handleCommand(
  core: ServiceCore,
  name: string,
  input: unknown,
  options: HandleCommandOptions = {},
): Promise<CommandResult> {
  const target = commandTarget(core, name)
  const contract =
    target.kind === 'handler' ? target.declaration.command : target.declaration.decider.commands[target.property]
  const data = validate(`Command ${name}`, contract?.input ?? never(), input)
  const inputText = toJson(`Command ${name}`, data, core.service.limits)
  const commandId = core.environment.ids.next()
  const occurredAt = occurredAtOf(`Command ${name}`, options.occurredAt, core.environment.clock.now())
  const caller = callerOf(`command ${name}`, options.principal)
  checkOrigin(options)
  const trace = traceOfOptions(options)
  const span = core.environment.tracing?.start(`command ${name}`, trace, {
    'tidings.service': core.service.name,
  })
  const origin = {
    service: core.service.name,
    correlationId: options.correlationId ?? commandId,
    causationId: commandId,
    causedBy: `command/${name}`,
    principal: caller?.id ?? null,
    tenant: caller?.tenant ?? null,
    caller,
    traceparent: (span ?? trace).traceparent,
    tracestate: (span ?? trace).tracestate,
    occurredAt,
  }
  try {
    const result = await attempt()
    span?.end()
    return result
  } catch (error) {
    span?.end(error)
    throw error
  }

  async function runOrClose(unit: UnitOfWork): Promise<unknown> {
    try {
      return await (span === undefined
        ? core.runCommand(core, unit, name, data, origin)
        : span.run(() => core.runCommand(core, unit, name, data, origin)))
    } catch (error) {
      unit.close()
      throw error
    }
  }

  async function attempt(): Promise<CommandResult> {
    for (let tries = 0; tries <= core.service.limits.conflictRetriesMax; tries++) {
      const unit = new UnitOfWork(core.store)
      if (options.idempotencyKey !== undefined) {
        const recorded = await recordedAnswer(core, unit, name, inputText, options.idempotencyKey)
        if (recorded !== undefined) return replay(recorded, await presentToken(core.store, core))
      }
      const answer = await runOrClose(unit)
      const rejection = isRejection(answer) ? answer : undefined
      // The writes of a rejected command are discarded; only the answer is kept.
      const kept = rejection === undefined ? unit : new UnitOfWork(core.store)
      if (options.idempotencyKey !== undefined) {
        // The unit that ran has read the row of the idempotency key, so its commit would check that row. If another unit takes its place,
        // that one must check it.
        if (kept !== unit) kept.check({ table: systemTables.commands, key: options.idempotencyKey, revision: 0 })
        record(kept, options.idempotencyKey, {
          command: name,
          input: fingerprint(inputText),
          commandId,
          ...outcome(answer, rejection),
        })
      }
      unit.close()
      // A rejection without an idempotency key, or a command that changed nothing, leaves nothing to commit.
      const result = kept.hasWrites ? await core.commit(kept) : undefined
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

// These values become part of every event that the command leads to, so they must be texts that every store can keep.
function checkOrigin({ correlationId, traceparent, tracestate }: HandleCommandOptions): void {
  if (correlationId !== undefined) checkText('The conversation of a command', correlationId)
  if (traceparent !== undefined && traceparent !== null) checkText('The trace context of a command', traceparent)
  if (tracestate !== undefined && tracestate !== null) checkTracestate('The trace state of a command', tracestate)
}

async function recordedAnswer(
  core: ServiceCore,
  unit: UnitOfWork,
  command: string,
  inputText: string,
  key: string,
): Promise<RecordedAnswer | undefined> {
  const row = await unit.get(systemTables.commands, checkKey('the idempotency key', key))
  if (row === undefined) return undefined
  const recorded = JSON.parse(row.json) as RecordedAnswer
  if (recorded.command !== command || recorded.input !== fingerprint(inputText)) {
    throw new TidingsError(
      'IDEMPOTENCY_KEY_REUSED',
      `The idempotency key was used before for ${recorded.command === command ? 'another input' : `command ${recorded.command}`}.`,
      { details: { service: core.service.name, command: recorded.command } },
    )
  }
  return recorded
}

function replay({ commandId, output, rejection }: RecordedAnswer, token: string): CommandResult {
  return rejection === undefined
    ? { accepted: true, commandId, output, replayed: true, token }
    : { accepted: false, commandId, rejection: { kind: 'tidings.rejection', ...rejection }, replayed: true, token }
}

function outcome(answer: unknown, rejection: Rejection | undefined): Partial<RecordedAnswer> {
  if (rejection === undefined) return answer === undefined ? {} : { output: answer }
  return { rejection: { code: rejection.code, message: rejection.message, details: rejection.details } }
}

function record(unit: UnitOfWork, key: string, answer: RecordedAnswer): void {
  unit.put(systemTables.commands, key, {
    schemaVersion: 1,
    json: toJson('The answer of a command', answer),
    columns: [],
  })
}

function never(): never {
  throw new TidingsError('INVARIANT', 'Invariant broken: a command without a contract')
}
