// Handles a command: validates it, runs it once per idempotency key, and commits it with everything it causes.
// Invariant: it needs only the service's own store, no broker and no other service (P6).

import { isRejection, type Rejection } from '../../contracts/index.ts'
import { TidingsError } from '../../errors/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { presentToken, tokenOf } from '../unit-of-work/read-token.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { CommandRun, type HandleCommandOptions } from './command-run.ts'
import type { KeptAnswer } from './kept-answers.ts'

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
  core.commandsInFlight++
  let run: CommandRun | undefined
  try {
    run = new CommandRun(core, name, input, options)
    const result = await carryOut(run)
    run.end()
    run.span?.end()
    return result
  } catch (error) {
    run?.end(error)
    run?.span?.end(error)
    core.damages.note(error)
    throw error
  } finally {
    core.commandsInFlight--
  }
}

async function carryOut(run: CommandRun): Promise<CommandResult> {
  const { core, place } = run
  const { conflictRetriesMax } = core.service.limits
  const commandId = run.origin.causationId
  for (let tries = 0; tries <= conflictRetriesMax; tries++) {
    const unit = new UnitOfWork(core.store)
    unit.turn = run
    const kept = place === undefined ? undefined : await place.find(unit)
    if (kept !== undefined) return replay(kept, await presentToken(core.store, core))
    const called = run.call(unit)
    const answer = called instanceof Promise ? await called : called
    const rejection = isRejection(answer) ? answer : undefined
    // The writes of a rejected command are discarded; only the answer is kept.
    const written = rejection === undefined ? unit : new UnitOfWork(core.store)
    if (core.sharesStore && written !== unit) written.checkReadsOf(unit)
    // The unit that ran has read the row of the idempotency key, so its commit would check that row. If another unit takes its place,
    // that one must check it.
    if (written !== unit) place?.checkAbsent(written)
    place?.keep(written, commandId, answer)
    unit.close()
    // A rejection without an idempotency key, or a command that changed nothing, leaves nothing to commit. But where others write the store too, what it
    // was decided on may have been remembered from before.
    const needsCommit = written.hasWrites || (core.sharesStore && written.hasReads)
    const result = needsCommit ? await core.commit(written) : undefined
    if (result?.committed === false) continue
    const token = result === undefined ? await presentToken(core.store, core) : tokenOf(core.store, result)
    return rejection === undefined
      ? { accepted: true, commandId, output: answer, replayed: false, token }
      : { accepted: false, commandId, rejection, replayed: false, token }
  }
  throw new TidingsError(
    'CONFLICT',
    `Optimistic concurrency conflict while handling command ${run.name}; gave up after ${conflictRetriesMax + 1} attempts.`,
  )
}

function replay({ commandId, output, rejection }: KeptAnswer, token: string): CommandResult {
  return rejection === undefined
    ? { accepted: true, commandId, output, replayed: true, token }
    : { accepted: false, commandId, rejection: { kind: 'tidings.rejection', ...rejection }, replayed: true, token }
}
