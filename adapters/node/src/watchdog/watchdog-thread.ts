// The watchdog thread. It counts how long the main thread has not come round its event loop, and ends the process when that is too long, or when
// the supervisor has ended and the process goes on. Invariant: only time counts in which this thread itself ran, and in which the main thread did not
// wait for a disk: a process that was stopped, a machine that slept and a disk that does not answer block nothing that an end of the process would help.

import { parentPort, workerData } from 'node:worker_threads'
import type { BlockedRun } from 'tidings/runtime'
import { completedFields } from '../environment/printed-commands.ts'
import { HealthThread } from '../health/health-in-thread.ts'
import type { FromHealthThread } from '../health/health-messages.ts'
import { askMainThread, type Interrupted, letSignalsEnd } from './ask-main-thread.ts'
import { removeBlockedNote, writeBlockedNote } from './blocked-note.ts'
import { BlockedTime } from './blocked-time.ts'
import { type Blocking, blockingWork, fieldsOfWork, workText } from './blocking-work.ts'
import { type Line, writeLine } from './last-line.ts'
import { stateOfProcess } from './process-state.ts'
import { SharedBeats } from './shared-beats.ts'
import type { ToWatchdogThread, WatchdogSettings, WatchdogStart } from './watchdog-messages.ts'
import { orphanMsMax, saidBlockedMsOf, tickMsOf } from './watchdog-options.ts'

/** How long the main thread may take to say what it does, in milliseconds. It takes a tenth of a second, on a busy machine longer. */
const answerMsMax = 3_000

/** How long files may take to be written, in milliseconds. */
const writeMsMax = 1_000

/** How long the main thread may be away before signals end the process, although it would listen to them, in milliseconds. */
const signalMsMax = 1_000

const start = workerData as WatchdogStart
const beats = new SharedBeats(start.memory)
let settings: WatchdogSettings = start.settings
let tickMs = tickMsOf(settings.blockedMsMax)
let timer = setInterval(look, tickMs)
let time = newTime()
let orphanMs = 0
/** Whether a note says that the main thread is blocked. */
let isNoted = false
/** Whether a debugger was attached since the main thread came round last. */
let isDebugged = false
/** Whether signals end the process, because the main thread is away. */
let signalsEnd = false
let isEnding = false

const health = new HealthThread(
  () => time.blockedMs >= saidBlockedMsOf(settings.blockedMsMax),
  (message: FromHealthThread) => parentPort?.postMessage(message),
)

parentPort?.on('message', (message: ToWatchdogThread) => {
  if (message.kind === 'health') health.receive(message.message)
  else changeSettings(message.settings)
})

function changeSettings(changed: WatchdogSettings): void {
  settings = changed
  clearInterval(timer)
  tickMs = tickMsOf(settings.blockedMsMax)
  time = newTime()
  timer = setInterval(look, tickMs)
}

function newTime(): BlockedTime {
  return new BlockedTime(tickMs, { nowMs: performance.now(), beats: beats.beats })
}

function look(): void {
  const counts = !(isDebugged || beats.isDebugged || beats.isLongWork)
  // Asked only if it has not come round since the last look.
  const isWaiting = time.isAway(beats.beats) && stateOfProcess(process.pid) === 'disk'
  const passedMs = time.look({ nowMs: performance.now(), beats: beats.beats, counts, isWaiting })
  if (isEnding) return
  const { supervisor, blockedMsMax } = settings
  const { awayMs, blockedMs } = time
  orphanMs = supervisor === undefined || process.ppid === supervisor ? 0 : orphanMs + passedMs
  if (awayMs === 0) {
    isDebugged = false
    signalsEnd = false
  }
  if (blockedMs === 0) removeNote()
  if (!settings.endsProcess) return
  if (awayMs >= signalMsMax && !signalsEnd) {
    signalsEnd = true
    letSignalsEnd()
  }
  if (orphanMs >= orphanMsMax) void endProcess(orphaned)
  else if (blockedMs >= blockedMsMax) void endProcess(blocked)
  else if (blockedMs >= saidBlockedMsOf(blockedMsMax) && !isNoted) {
    isNoted = true
    void note({ work: undefined, candidates: [], where: undefined }, false)
  }
}

function removeNote(): void {
  if (!isNoted) return
  isNoted = false
  const { system } = settings
  for (const service of system?.services ?? []) removeBlockedNote(system?.directory ?? '', service)
}

async function endProcess(why: (main: Interrupted | undefined) => Promise<void>): Promise<void> {
  isEnding = true
  const before = beats.beats
  const main = await askMainThread(answerMsMax).catch(() => undefined)
  // It may have come round just before it was interrupted, or somebody is debugging it.
  const goesOn = beats.beats !== before
  isDebugged = main?.account?.debugger != null
  if (orphanMs < orphanMsMax && (goesOn || isDebugged)) {
    main?.resume()
    isEnding = false
    return
  }
  await why(main)
  process.kill(process.pid, 'SIGKILL')
}

async function orphaned(main: Interrupted | undefined): Promise<void> {
  const { supervisor } = settings
  const blocking = main === undefined ? undefined : blockingWork(main)
  await writeLine(
    {
      level: 'error',
      service: blocking?.work?.service ?? onlyService(),
      message: 'The process ends: its supervisor has ended, and it does not end by itself',
      fields: { pid: process.pid, supervisor, ...describe(blocking) },
    },
    settings.line,
  )
}

async function blocked(main: Interrupted | undefined): Promise<void> {
  const { blockedMsMax, line } = settings
  const blocking: Blocking =
    main === undefined ? { work: undefined, candidates: [], where: undefined } : blockingWork(main)
  const fields = {
    pid: process.pid,
    blockedMs: Math.round(time.blockedMs),
    blockedMsMax,
    ...describe(blocking),
    error:
      blocking.where === undefined
        ? 'It cannot be interrupted, because native code is running, such as a long SQL statement.'
        : `${blocking.where} does not return.`,
    ...(main === undefined ? {} : { stack: main.stack.join('\n') }),
    hint: 'Look there for a loop that does not end. Work that has to take so long belongs into a worker thread, or raise watchdog.blockedMsMax.',
    next: 'npx tidings status',
  }
  const last: Line = {
    level: 'error',
    service: blocking.work?.service ?? onlyService(),
    message: 'The process ends: its main thread is blocked',
    fields: completedFields(fields, settings.system?.commands ?? { call: 'npx tidings', options: '' }),
  }
  await Promise.all([note(blocking, true), writeLine(last, line)])
}

function describe(blocking: Blocking | undefined): Readonly<Record<string, unknown>> {
  if (blocking === undefined) return {}
  const { work, candidates } = blocking
  if (work !== undefined) return fieldsOfWork(work)
  if (candidates.length === 0) return {}
  return { inProgress: candidates.length, oneOf: [...new Set(candidates.map(workText))].slice(0, 5).join(', ') }
}

function onlyService(): string | undefined {
  const services = settings.system?.services ?? []
  return services.length === 1 ? services[0] : undefined
}

async function note({ work, where }: Blocking, ended: boolean): Promise<void> {
  const { system, blockedMsMax } = settings
  if (system === undefined) return
  const run: BlockedRun = {
    since: Date.now() - Math.round(time.blockedMs),
    blockedMs: Math.round(time.blockedMs),
    work,
    where,
  }
  const late = new Promise<void>((resolve) => {
    setTimeout(resolve, writeMsMax)
  })
  const written = writeBlockedNote(system.directory, system.services, { ...run, pid: process.pid, blockedMsMax, ended })
  // A disk that does not answer must not keep the process from ending.
  await Promise.race([written.catch(() => {}), late])
}
