// Runs one command within a unit of work: by its handler, or by its decider on the stream of its key.

import {
  type CommandContract,
  checkKey,
  isRejection,
  type Rejection,
  rejectionOrThrow,
  type Schema,
  toJson,
  validate,
} from '../../contracts/index.ts'
import { TidingsError } from '../../errors/index.ts'
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
 */
export async function runCommand(
  core: ServiceCore,
  unit: UnitOfWork,
  name: string,
  data: unknown,
  cause: Origin,
  knownKey?: string,
): Promise<unknown | Rejection> {
  const target = commandTarget(core, name)
  const key = knownKey ?? keyOfCommand(target, name, data)
  const passed = key === undefined ? undefined : unit.turn?.take(lineOf(target, key))
  if (passed !== undefined) await passed
  const causedBy = `command/${name}`
  const origin = cause.causedBy === causedBy ? cause : { ...cause, causedBy }
  let answer: unknown
  if (target.kind === 'decider') {
    const { declaration, property } = target
    answer = await decide(unit, declaration, property, data, key as string, origin, {
      environment: core.environment,
      limits: core.service.limits,
      onFact: inlineProjections(core, unit),
      streams: core.streams,
      log: core.log,
    })
  } else {
    const { declaration } = target
    const declares = {
      by: `Command ${name}`,
      publishes: declaration.publishes,
      executes: declaration.executes,
      lookups: [],
      requests: declaration.requests,
    }
    try {
      const context = new UnitContext(core, unit, origin, declares)
      answer = await declaration.run(data, context)
      if (!isRejection(answer)) context.assertAwaited()
    } catch (thrown) {
      answer = rejectionOrThrow(thrown)
    }
  }
  // What a rejected command has written is discarded, so there is nothing to complete.
  if (isRejection(answer)) return answer
  const output = outputOf(target)
  if (output !== undefined) {
    answer = validate(`The answer of command ${name}`, output, answer)
    if (answer !== undefined) toJson(`The answer of command ${name}`, answer, core.service.limits)
  }
  try {
    const unfinished = finishFunction(core, unit)
    if (unfinished !== undefined) await unfinished
    return answer
  } catch (thrown) {
    return rejectionOrThrow(thrown)
  }
}

function outputOf(target: CommandTarget): Schema | undefined {
  return contractOf(target)?.output
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
