// `tidings status`: how far behind subscribers are, what they hold, and why something stands still.

import type { Command } from 'commander'
import type { Invocation, SystemOptions } from '../invocation.ts'
import { drawStatus } from '../status/draw-status.ts'
import { operate } from '../system/operator.ts'
import { CommandFailure } from '../usage/command-failure.ts'
import { action, withSystemOptions } from './shared-options.ts'

/** Adds the command. */
export function addStatus(program: Command, invocation: Invocation): void {
  const command = program
    .command('status')
    .description('show lag, staleness, dead letters and rebuilds of every running service')
  withSystemOptions(command).action(action<SystemOptions>(invocation, showStatus))
}

async function showStatus(invocation: Invocation, options: SystemOptions): Promise<void> {
  await operate(invocation, options, async (operator) => {
    const { terminal } = invocation
    const { config, data } = operator.declared
    const processes = await operator.status()
    const stopped = await operator.stoppedAccounts()
    const notKnown = operator.unknown
    const standing = { name: config.name, data, processes, stopped, notKnown, notAnswering: [...operator.unreachable] }
    if (options.json === true) terminal.json(standing)
    else terminal.lines(drawStatus({ ...standing, now: Date.now() }, terminal.width))
    if (processes.length === 0) {
      throw new CommandFailure(
        'notRunning',
        'No service is running.',
        'Start the system: `tidings dev`, or one service: `tidings start <service>`.',
      )
    }
  })
}
