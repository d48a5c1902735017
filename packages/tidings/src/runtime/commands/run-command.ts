// Runs one command within a unit of work: by its handler, or by its decider on the stream of its key.

import {
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

/** Runs a command on validated data; returns its output or its rejection. Afterwards the unit is complete, but not committed. */
export async function runCommand(
  core: ServiceCore,
  unit: UnitOfWork,
  name: string,
  data: unknown,
  cause: Origin,
): Promise<unknown | Rejection> {
  const target = commandTarget(core, name)
  const causedBy = `command/${name}`
  const origin = cause.causedBy === causedBy ? cause : { ...cause, causedBy }
  let answer: unknown
  if (target.kind === 'decider') {
    const { declaration, property } = target
    const command = declaration.decider.commands[property]
    const stream = checkKey(`command ${name}`, command?.keyOf(data))
    answer = await decide(unit, declaration, property, data, stream, origin, {
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
  return target.kind === 'handler'
    ? target.declaration.command.output
    : target.declaration.decider.commands[target.property]?.output
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
