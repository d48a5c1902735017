// `tidings rebuild <service> <read model>`: rebuilds a read model from history beside the live one, then switches to it.

import type { Service } from 'tidings'
import type { RebuildProgress } from 'tidings/runtime'
import type { Invocation, SystemOptions } from '../invocation.ts'
import { serviceNamed, unknown } from '../system/load-system.ts'
import { operate } from '../system/operator.ts'
import { withProgress } from '../terminal/progress.ts'
import { dim, green } from '../terminal/text.ts'
import { countOf, durationText } from '../terminal/time-text.ts'

/** Rebuilds a read model. */
export async function rebuild(
  invocation: Invocation,
  options: SystemOptions,
  name = '',
  readModel = '',
): Promise<void> {
  await operate(invocation, options, async (operator) => {
    const { terminal } = invocation
    const service = serviceNamed(operator.declared, name)
    const names = readModelsOf(service)
    if (!names.includes(readModel)) throw unknown(`Service ${service.name} has no read model`, readModel, names)
    const client = operator.clientOf(service.name)
    const startedAt = performance.now()
    let last: RebuildProgress = { done: 0, total: 0 }
    const quiet = options.json === true
    await withProgress({ terminal, title: `Rebuilding ${readModel} of ${name}`, unit: 'events', quiet }, (report) =>
      client.rebuild(service.name, readModel, (progress) => {
        last = progress
        report(progress)
      }),
    )
    const tookMs = Math.round(performance.now() - startedAt)
    if (quiet) terminal.json({ service: name, readModel, events: last.total, tookMs })
    else
      terminal.line([
        green('✓ '),
        `${readModel} of ${name} is rebuilt`,
        dim(`  ${countOf(last.total, 'event')} in ${durationText(tookMs)}`),
      ])
  })
}

function readModelsOf(service: Service): readonly string[] {
  return [...service.projections.map(({ name }) => name), ...Object.keys(service.replicas)]
}
