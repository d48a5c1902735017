// `tidings start <service>`: one service in this process, for production. Log lines are JSON on stderr.

import { startSystem, startWatchdog } from '@tidings/node'
import { type Invocation, stopSignals } from '../invocation.ts'
import { exposureCounts, exposureText } from '../system/exposure.ts'
import { loadSystem, serviceNamed } from '../system/load-system.ts'
import { fieldLines } from '../terminal/table.ts'
import { blue, bold, dim, type Text } from '../terminal/text.ts'
import { CommandFailure } from '../usage/command-failure.ts'
import { ended, incomplete } from './start-ended.ts'
import { portsOf, type StartOptions } from './start-options.ts'

/** Runs one service, or with `--all` every one. */
export async function start(invocation: Invocation, options: StartOptions, name?: string): Promise<void> {
  if (options.all !== true && name !== undefined) return startOne(invocation, options, name)
  if (options.all === true && name === undefined) return (await import('./start-all.ts')).startAll(invocation, options)
  throw new CommandFailure('usage', 'Name one service, or start all of them with --all.')
}

async function startOne(invocation: Invocation, options: StartOptions, name: string): Promise<void> {
  const { terminal, interrupted } = invocation
  invocation.outliveReaders()
  // Before anything of the system is loaded. It watches until the process has ended.
  const watchdog = startWatchdog({ format: options.log === 'silent' ? 'none' : 'json', signals: stopSignals })
  const declared = await loadSystem(invocation, options)
  const service = serviceNamed(declared, name)
  if (declared.config.watchdog === false) await watchdog.stop()
  const running = await startSystem(declared.config, {
    services: [service.name],
    data: declared.data,
    ...portsOf(options),
    log: { level: options.log, format: 'json' },
    watchdog: declared.config.watchdog === false ? false : watchdog,
  })
  try {
    const { httpUrl, controlUrl, healthUrl } = running
    const counts = exposureCounts([service])
    if (options.json === true) {
      const { name } = service
      const { exposed, internal } = counts
      const { pid } = process
      terminal.json(
        {
          kind: 'started',
          service: name,
          http: httpUrl,
          control: controlUrl,
          health: healthUrl,
          pid,
          exposed,
          internal,
        },
        true,
      )
    } else {
      terminal.line([bold(service.name), dim(`  of ${declared.config.name}, process ${process.pid}`)])
      const none = dim('none')
      const fields: readonly (readonly [string, Text])[] = [
        ['http', httpUrl === null ? none : blue(httpUrl)],
        ['exposed', exposureText(counts)],
        ['control', controlUrl === null ? none : blue(controlUrl)],
        ...(healthUrl === null ? [] : [['health', blue(healthUrl)] as const]),
        ['engine', running.system.engine.durability],
      ]
      terminal.lines(fieldLines(fields, terminal.width))
    }
    // A request to the control endpoint can end it too.
    await Promise.race([aborted(interrupted), running.ended])
  } finally {
    await running.close()
  }
  const { complete } = await running.ended
  if (!complete) throw incomplete()
  ended(terminal, options.json === true)
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    // A listener does not keep a process alive. An HTTP API does; without one, this timer does.
    const alive = setInterval(() => {}, 2 ** 30)
    signal.addEventListener('abort', () => {
      clearInterval(alive)
      resolve()
    })
  })
}
