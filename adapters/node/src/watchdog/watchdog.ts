// The main thread's side of the watchdog: it beats as often as its event loop comes round, and says what runs here and when work may take long.

import inspector from 'node:inspector'
import { Worker } from 'node:worker_threads'
import { describeThrown } from 'tidings/errors'
import type { LogSink, LongWork } from 'tidings/ports'
import { createLog, type InProgress } from 'tidings/runtime'
import { createLogSink } from '../environment/log-sink.ts'
import type { CommandForm } from '../environment/printed-commands.ts'
import { type AnsweredProbes, type AskMissing, HealthChannel } from '../health/health-channel.ts'
import type { FromHealthThread, ToHealthThread } from '../health/health-messages.ts'
import type { HealthOptions } from '../health/health-options.ts'
import { BlockedSignals } from './blocked-signals.ts'
import { checkedBlockedMsMax } from './check-watchdog.ts'
import { SharedBeats } from './shared-beats.ts'
import {
  type Account,
  type AskedByWatchdog,
  askedSymbol,
  type ToWatchdogThread,
  type WatchdogSettings,
  type WatchdogStart,
} from './watchdog-messages.ts'
import { tickMsOf, type WatchdogOptions } from './watchdog-options.ts'

/** What a watchdog is started with. */
export interface StartWatchdogOptions extends WatchdogOptions {
  /** How the last line of the process is written to stderr. Default: as JSON. `none` writes no line. */
  readonly format?: 'json' | 'text' | 'none'
  /** The process id of the supervisor: if the process has another parent, it ends. Default: it may go on without its parent. */
  readonly supervisor?: number
  /**
   * Signals that the program listens to. While its main thread is blocked it would never hear of them, so they end the process at once. Default: none.
   */
  readonly signals?: readonly NodeJS.Signals[]
  /** Whether it ends the process; otherwise it only answers probes. Default: true. */
  readonly endsProcess?: boolean
  /** Where it is said that the watchdog itself has failed. Default: stderr, in `format`. */
  readonly log?: LogSink
}

/** A system in the process, as the watchdog sees it. */
export interface WatchedServices {
  readonly services: readonly string[]
  /** The system's data folder. */
  readonly directory: string
  /** What its services have in progress. */
  readonly inProgress: InProgress
  /** How the last line prints commands, so that they can be typed. Default: `npx tidings`, without options. */
  readonly commands?: CommandForm
}

/** A thread that ends the process if its main thread is blocked for too long. */
export interface Watchdog {
  /** Runs work that may block the main thread for long; that time does not count. */
  readonly longWork: LongWork
  /** Changes its limit, once the configuration is known. */
  limit(options: WatchdogOptions): void
  /** Tells it what runs here, so that it can say what blocks the thread. */
  watch(services: WatchedServices): void
  /**
   * Has its thread answer health probes, also while the main thread is blocked; `startSystem` calls it. Throws `CONFIG_INVALID`.
   *
   * @param missing - asked for each probe of readiness: what is missing, in a word or two that name nothing; nothing if the process is ready.
   */
  answerProbes(where: Required<HealthOptions>, missing: AskMissing): Promise<AnsweredProbes>
  /** Ends it. Safe to call twice. */
  stop(): Promise<void>
}

/**
 * Starts the watchdog of this process. `tidings start`, `tidings dev` and the processes of `startProcesses` have one; `startSystem` starts one with its
 * option `watchdog`. Start it yourself, and pass it to `startSystem`, to watch over what your program does before.
 *
 * Throws `CONFIG_INVALID`.
 */
export function startWatchdog(options: StartWatchdogOptions = {}): Watchdog {
  const { format = 'json' } = options
  const shared = new SharedBeats()
  let settings: WatchdogSettings = {
    blockedMsMax: checkedBlockedMsMax(options),
    line: lineOf(format),
    endsProcess: options.endsProcess ?? true,
    supervisor: options.supervisor,
    system: undefined,
  }
  let watched: WatchedServices | undefined
  const signals = new BlockedSignals(options.signals ?? [])
  const beat = () => {
    signals.listen()
    shared.isDebugged = inspector.url() !== undefined
    shared.beat()
  }
  beat()
  let beating = setInterval(beat, tickMsOf(settings.blockedMsMax)).unref()
  const asked: AskedByWatchdog = {
    account: () =>
      JSON.stringify({
        debugger: inspector.url() ?? null,
        work: watched?.inProgress.list() ?? [],
        ...watched?.inProgress.latest(),
      } satisfies Account),
    letSignalsEnd: () => signals.letThemEnd(),
  }
  Reflect.set(globalThis, Symbol.for(askedSymbol), asked)
  const data: WatchdogStart = { memory: shared.memory, settings }
  const thread = new Worker(new URL('./watchdog-thread.ts', import.meta.url), { workerData: data, execArgv: [] })
  thread.unref()
  thread.on('error', (error) => {
    const log = options.log ?? createLogSink(format === 'none' ? { level: 'silent' } : { format })
    const { message, stack } = describeThrown(error)
    createLog({ clock: processClock, log }, undefined).error(
      'The watchdog has failed: if the main thread is blocked from now on, nothing ends this process',
      { error: message, stack, hint: 'Find out why the thread failed, and start the process again.' },
    )
  })
  const send = (message: ToWatchdogThread) => thread.postMessage(message)
  const change = (changed: Partial<WatchdogSettings>) => {
    settings = { ...settings, ...changed }
    send({ kind: 'settings', settings })
  }
  const health = new HealthChannel(thread, (message: ToHealthThread) => send({ kind: 'health', message }))
  thread.on('message', (message: FromHealthThread) => health.receive(message))
  return {
    longWork: (_what, work) => {
      shared.beginLongWork()
      signals.letThemEnd()
      try {
        return work()
      } finally {
        signals.listen()
        shared.endLongWork()
      }
    },
    limit: (changed) => {
      const blockedMsMax = checkedBlockedMsMax(changed)
      if (blockedMsMax === settings.blockedMsMax) return
      clearInterval(beating)
      beating = setInterval(beat, tickMsOf(blockedMsMax)).unref()
      change({ blockedMsMax })
    },
    watch: (services) => {
      watched = services
      const { directory, commands = { call: 'npx tidings', options: '' } } = services
      change({ system: { services: services.services, directory, commands } })
    },
    answerProbes: (where, missing) => health.answerProbes(where, missing),
    stop: async () => {
      clearInterval(beating)
      await thread.terminate()
    },
  }
}

const processClock = { now: () => Date.now(), monotonicMs: () => performance.now() }

function lineOf(format: 'json' | 'text' | 'none'): WatchdogSettings['line'] {
  if (format === 'none') return undefined
  const { isTTY, columns } = process.stderr
  return { format, coloured: isTTY && process.stderr.hasColors(), width: isTTY ? columns : undefined }
}
