// The default workload: commands of all services, with inputs generated from their schemas.

import { type Service, TidingsError } from 'tidings'
import { jsonSchemaOf } from 'tidings/contracts'
import { commandsOf } from 'tidings/operations'
import { generateValue } from '../random/generate-value.ts'
import { send, type WorkloadStep, type WorkloadTools } from './workload-step.ts'

/** Generates an endless workload; throws `CONFIG_INVALID` if no input can be generated for any command. */
export function generateWorkload(services: readonly Service[]): (tools: WorkloadTools) => Iterable<WorkloadStep> {
  const commands = services.flatMap((service) =>
    commandsOf(service).map((command) => ({ service, command, shape: jsonSchemaOf(command.input, 'input') })),
  )
  return function* workload({ random }) {
    for (let misses = 0; misses < missesMax; ) {
      if (commands.length === 0) break
      const { service, command, shape } = random.pick(commands)
      const input = generateValue(command.input, shape, random)
      if (input === undefined) misses++
      else yield send(service, command, input as never)
    }
    throw new TidingsError('CONFIG_INVALID', 'No input could be generated for the commands of these services.', {
      hint: 'Give the simulation a workload: `defineSimulation({ workload: function* ({ random }) { … } })`.',
    })
  }
}

const missesMax = 200
