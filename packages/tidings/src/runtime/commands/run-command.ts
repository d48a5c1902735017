// Runs one command within a unit of work: by its handler, or by its decider on the stream of its key.

import {
  type CommandContract,
  checkKey,
  isRejection,
  type Rejection,
  rejectionOrThrow,
  toJson,
  validate,
} from '../../contracts/index.ts'
import { TidingsError } from '../../errors/index.ts'
import type { Awaitable } from '../../ports/index.ts'
import { isThenable } from '../concurrency/is-thenable.ts'
import { UnitContext } from '../contexts/unit-context.ts'
import { finishFunction } from '../core/finish-function.ts'
import type { CommandTarget, ServiceCore } from '../core/service-core.ts'
import { decide } from '../streams/decide.ts'
import type { Origin } from '../unit-of-work/origin.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { inlineProjections } from './inline-projections.ts'

/**
 * Runs a command on validated data, as soon as its key is free; returns its output or its rejection. Afterwards the unit is complete, but not
 * committed.
 *
 * @returns a promise only if it waits for something: its key, its function, or a read.
 */
export function runCommand(
  core: ServiceCore,
  unit: UnitOfWork,
  name: string,
  data: unknown,
  cause: Origin,
  knownKey?: string,
): Awaitable<unknown | Rejection> {
  const target = commandTarget(core, name)
  const key = knownKey ?? keyOfCommand(target, name, data)
  const passed = key === undefined ? undefined : unit.turn?.take(lineOf(target, key))
  const causedBy = `command/${name}`
  const origin = cause.causedBy === causedBy ? cause : { ...cause, causedBy }
  return passed === undefined
    ? runTarget(core, unit, target, data, key, origin)
    : passed.then(() => runTarget(core, unit, target, data, key, origin))
}

function runTarget(
  core: ServiceCore,
  unit: UnitOfWork,
  target: CommandTarget,
  data: unknown,
  key: string | undefined,
  origin: Origin,
): Awaitable<unknown> {
  const answer =
    target.kind === 'decider'
      ? runDecider(core, unit, target, data, key as string, origin)
      : runHandler(core, unit, target, data, origin)
  return answer instanceof Promise
    ? answer.then((answered) => finish(core, unit, target, answered))
    : finish(core, unit, target, answer)
}

function runDecider(
  core: ServiceCore,
  unit: UnitOfWork,
  { declaration, property }: CommandTarget & { readonly kind: 'decider' },
  data: unknown,
  key: string,
  origin: Origin,
): Promise<unknown> {
  return decide(unit, declaration, property, data, key, origin, {
    environment: core.environment,
    limits: core.service.limits,
    onFact: inlineProjections(core, unit),
    streams: core.streams,
    log: core.log,
  })
}

function runHandler(
  core: ServiceCore,
  unit: UnitOfWork,
  { declaration, declares }: CommandTarget & { readonly kind: 'handler' },
  data: unknown,
  origin: Origin,
): Awaitable<unknown> {
  const context = new UnitContext(core, unit, origin, declares)
  try {
    const answer = declaration.run(data, context)
    return isThenable(answer) ? whenAnswered(answer, context) : checkAwaited(answer, context)
  } catch (thrown) {
    return rejectionOrThrow(thrown)
  }
}

async function whenAnswered(answer: PromiseLike<unknown>, context: UnitContext): Promise<unknown> {
  try {
    return checkAwaited(await answer, context)
  } catch (thrown) {
    return rejectionOrThrow(thrown)
  }
}

function checkAwaited(answer: unknown, context: UnitContext): unknown {
  if (!isRejection(answer)) context.assertAwaited()
  return answer
}

function finish(core: ServiceCore, unit: UnitOfWork, target: CommandTarget, given: unknown): Awaitable<unknown> {
  // What a rejected command has written is discarded, so there is nothing to complete.
  if (isRejection(given)) return given
  let answer = given
  const { name, output } = contractOf(target) ?? {}
  if (output !== undefined) {
    answer = validate(`The answer of command ${name}`, output, answer)
    if (answer !== undefined) toJson(`The answer of command ${name}`, answer, core.service.limits)
  }
  try {
    const unfinished = finishFunction(core, unit)
    return unfinished === undefined ? answer : unfinished.then(() => answer, rejectionOrThrow)
  } catch (thrown) {
    return rejectionOrThrow(thrown)
  }
}

// The commands of a decider wait for their stream. All others with the same key wait for each other, because they change the same entity.
function lineOf(target: CommandTarget, key: string): string {
  return target.kind === 'decider' ? `${target.declaration.decider.name}/${key}` : `/${key}`
}

/** The contract of a command. */
export function contractOf(target: CommandTarget): CommandContract | undefined {
  return target.kind === 'handler' ? target.declaration.command : target.declaration.decider.commands[target.property]
}

/** The key of a command; `undefined` if it declares none. Throws `INVALID_KEY`. */
export function keyOfCommand(target: CommandTarget, name: string, data: unknown): string | undefined {
  const contract = contractOf(target)
  return contract?.keyed ? checkKey(`command ${name}`, contract.keyOf(data)) : undefined
}

/** The function that handles a command; throws `UNKNOWN_COMMAND`. */
export function commandTarget(core: ServiceCore, name: string) {
  const target = core.commands.get(name)
  if (target === undefined) {
    throw new TidingsError(
      'UNKNOWN_COMMAND',
      `Service ${core.service.name} has no command ${JSON.stringify(String(name).slice(0, 120))}.`,
      { details: { commands: [...core.commands.keys()] } },
    )
  }
  return target
}
