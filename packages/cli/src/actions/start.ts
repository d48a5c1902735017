// `tidings start <service>`: one service in this process, for production. Log lines are JSON on stderr.

import { healthOfText, startSystem, startWatchdog } from '@tidings/node'
import type { LogLevel } from 'tidings/ports'
import { type Invocation, type SystemOptions, stopSignals } from '../invocation.ts'
import { exposureCounts, exposureText } from '../system/exposure.ts'
import { loadSystem, serviceNamed } from '../system/load-system.ts'
import { fieldLines } from '../terminal/table.ts'
import { blue, bold, dim, type Text } from '../terminal/text.ts'
import { CommandFailure } from '../usage/command-failure.ts'

/** The options. */
export interface StartOptions extends SystemOptions {
  readonly port?: number
  readonly host?: string
  readonly health?: string
  readonly log: LogLevel | 'silent'
}

/** Runs the service until it is told to end. */
export async function startOne(invocation: Invocation, options: StartOptions, name = ''): Promise<void> {
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
    http: {
      ...(options.port === undefined ? {} : { port: options.port }),
      ...(options.host === undefined ? {} : { host: options.host }),
    },
    ...(options.health === undefined ? {} : { health: healthOfText('--health', options.health) }),
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
  if (!complete) {
    throw new CommandFailure(
      'incomplete',
      'What was in progress did not end in time, so the process ends without it.',
      'The log names what it was. It is done again at the next start.',
    )
  }
  if (options.json === true) terminal.json({ kind: 'ended' }, true)
  else terminal.line(dim('Ended.'))
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
