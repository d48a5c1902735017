// `npm run chat`: serves the chat on a page until Ctrl-C, with a local webhook for `courier`, and with visitors if you want them.
import { createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { type LoadedConfig, loadConfig, startProcesses, startSystem } from '@tidings/node'
import { exitCodes, interruption } from 'example-terminal'
import { webhookVariable } from '../services/courier/post-impulse.ts'
import { startSink, type WebhookSink } from '../sink/webhook-sink.ts'
import { talk } from '../visitors/talk.ts'
import { openRooms } from './open-rooms.ts'
import { writeLine } from './progress.ts'

/** Options of serving the chat. */
export interface ServeOptions {
  readonly data: string | undefined
  /** The seed of the visitors; `undefined`: no visitors. */
  readonly visitors: number | undefined
  readonly processes: boolean
  /** The number of processes of every service, or of the whole chat. */
  readonly instances: number
  /** The file of the configuration. */
  readonly config: string
}

/** Serves the chat until it is interrupted; returns the exit code. */
export async function serve(options: ServeOptions): Promise<number> {
  const signal = interruption(() =>
    writeLine(
      '\n  Ending: the remaining events are handled after the next start (press Ctrl-C again to stop at once).',
    ),
  )
  const { visitors } = options
  const config = await loadConfig(options.config)
  const sink = await startSink()
  // The process of `courier` inherits this variable; set it yourself to use another webhook.
  process.env[webhookVariable] ??= sink.url
  try {
    const running = await start(config, options)
    try {
      await openRooms(running.httpUrl)
      writeLine(welcome(config, running.httpUrl, options))
      if (visitors === undefined) await untilAborted(signal)
      else await talk({ url: running.httpUrl, seed: visitors, signal })
    } finally {
      await running.close()
    }
    writeLine(ending(sink))
    return exitCodes.done
  } finally {
    await sink.close()
  }
}

interface Running {
  readonly httpUrl: string
  close(): Promise<void>
}

async function start(config: LoadedConfig, options: ServeOptions): Promise<Running> {
  const { data = config.data, processes, instances } = options
  const { port = 0 } = config.http ?? {}
  const http = { port: (await isFree(port)) ? port : 0 }
  if (processes || instances > 1) {
    const how = { instances, together: !processes }
    return startProcesses(config, config.path, { data, http, log: { level: 'error' }, ...how })
  }
  const running = await startSystem(config, { data, http, log: { level: 'warn' } })
  return { httpUrl: running.httpUrl ?? '', close: () => running.close() }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolveFree) => {
    const server = createServer()
    server.once('error', () => resolveFree(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolveFree(true)))
  })
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) await pause(60_000, undefined, { signal }).catch(() => {})
}

type How = Pick<ServeOptions, 'processes' | 'instances'>

function whereOf({ processes, instances }: How): string {
  if (processes) return instances === 1 ? 'each in its own process' : `each in ${instances} processes of its own`
  return instances === 1 ? 'all in this process' : `all in each of ${instances} processes`
}

function welcome(config: LoadedConfig, url: string, how: How): string {
  const where = whereOf(how)
  return [
    '',
    `  The chat: ${config.services.length} services, ${where}`,
    '',
    `  page    ${url}/`,
    '  look    npx tidings status --config examples/chat/tidings.config.ts',
    '          also: process list · timers · map · why <event id>',
    '  stop    Ctrl-C',
    '',
  ].join('\n')
}

function ending({ deliveries }: WebhookSink): string {
  const times = [...deliveries.values()].reduce((sum, count) => sum + count, 0)
  return `  Ended. The webhook received ${deliveries.size} impulses in ${times} requests.`
}
