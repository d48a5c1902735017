// The workload of a system that nobody has described: commands of all services, with inputs made up from their schemas.

import { type CommandContract, jsonSchemaOf, type Service, TidingsError } from 'tidings'
import { madeUp } from '../random/generate-value.ts'
import type { WorkloadTools } from '../schedule/schedule.ts'
import { send, type WorkloadStep } from './workload-step.ts'

/** Makes up an endless workload; throws `CONFIG_INVALID` where no command's input can be made up. */
export function madeUpWorkload(services: readonly Service[]): (tools: WorkloadTools) => Iterable<WorkloadStep> {
  const doors = services.flatMap((service) =>
    commandsOf(service).map((command) => ({ service, command, shape: jsonSchemaOf(command.input, 'input') })),
  )
  return function* workload({ random }) {
    for (let misses = 0; misses < missesMax; ) {
      if (doors.length === 0) break
      const { service, command, shape } = random.pick(doors)
      const input = madeUp(command.input, shape, random)
      if (input === undefined) misses++
      else yield send(service, command, input as never)
    }
    throw new TidingsError('CONFIG_INVALID', 'No input could be made up for the commands of these services.', {
      hint: 'Give the simulation a workload: `defineSimulation({ workload: function* ({ random }) { … } })`.',
    })
  }
}

const missesMax = 200

/** The commands at a service's door. */
export function commandsOf(service: Service): readonly CommandContract[] {
  return [
    ...service.commands.map(({ command }) => command),
    ...service.deciders.flatMap(({ decider }) => Object.values(decider.commands)),
  ]
}
