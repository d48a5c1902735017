// `tidings status`: how far behind subscriptions are, what they have deferred, and why one is paused or stopped.

import type { ControlStatus } from '@tidings/http/wire'
import { systemMap } from 'tidings/operations'
import type { CommandInvocation, SystemOptions } from '../invocation.ts'
import { drawStatus } from '../status/draw-status.ts'
import { elsewhere } from '../system/elsewhere.ts'
import { operate } from '../system/operator.ts'
import { CommandFailure } from '../usage/command-failure.ts'

/** Prints the status; fails if no service runs, or one is not healthy. */
export async function showStatus(invocation: CommandInvocation, options: SystemOptions): Promise<void> {
  await operate(invocation, options, async (operator) => {
    const { terminal, complete } = invocation
    const { config, data } = operator.declared
    const processes = await operator.status()
    const stopped = await operator.stoppedAccounts()
    const { unavailable, unopened } = operator
    const { problems } = systemMap(config.services)
    const now = Date.now()
    const silent = operator.silent(now)
    const strays = await operator.strayStores()
    const notAnswering = [...operator.unreachable]
    const others = { stopped, unavailable, unopened, strays, notAnswering, silent, problems }
    if (options.json === true)
      terminal.json({ name: config.name, data, processes: processes.map(processJson), ...others })
    else terminal.lines(drawStatus({ name: config.name, data, processes, ...others, now, complete }, terminal.width))
    const damaged = processes.flatMap(({ services }) => services).find(({ damage }) => damage !== undefined)
    if (damaged?.damage !== undefined)
      throw new CommandFailure(
        'failed',
        `Service ${damaged.service} is not healthy: ${damaged.damage.message}`,
        damaged.damage.hint,
      )
    if (processes.length === 0) {
      throw new CommandFailure(
        'notRunning',
        'No service is running.',
        elsewhere(operator.declared) ??
          'Start the system with `tidings dev`, or one service with `tidings start <service>`.',
      )
    }
  })
}

function processJson({ name, pid, startedAt, http, durability, services }: ControlStatus) {
  return { name, pid, startedAt, http, durability, services }
}
