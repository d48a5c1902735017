// The shop on generated orders: sends them at a steady rate and prints a line every second, until it is interrupted.
import { setTimeout as pause } from 'node:timers/promises'
import { generateSteps } from '../generate/index.ts'
import type { Step } from '../steps/step.ts'
import { flowHead, flowLine, type Snapshot } from './flow-table.ts'
import { sendSteps } from './send-steps.ts'
import type { Shop } from './shop.ts'
import { handledBy } from './shop-status.ts'
import type { Terminal } from './terminal.ts'

/** Commands per second: enough to watch, and little work for a small machine. */
const stepsPerSecond = 300

const tickMs = 50

/** How many steps may wait for a service that is down before the others have to wait too. */
const stepsMax = 5_000
const linesPerHead = 20

/** Options of a run on generated orders. */
export interface GeneratedOptions {
  /** The seed of the orders; use another one for each run, so that the orders are new to the services. */
  readonly seed: number
  /** The first day of the shop's time, in milliseconds since 1970. */
  readonly from: number
  readonly terminal: Terminal
  /** Ends the run after the commands in progress. */
  readonly signal: AbortSignal
}

/** Runs until the signal is aborted. */
export async function runGeneratedOrders(shop: Shop, options: GeneratedOptions): Promise<void> {
  const { seed, from, terminal } = options
  const failed = new AbortController()
  const signal = AbortSignal.any([options.signal, failed.signal])
  let commands = 0
  const sending = sendSteps(atPace(generateSteps({ seed, from }), signal), {
    signal,
    stepsMax,
    send: async (step) => {
      await shop.send(step, signal)
      commands++
    },
  })
  const work = [sending, watch(shop, () => commands, terminal, signal)]
  try {
    await Promise.all(work)
  } catch (error) {
    failed.abort()
    await Promise.allSettled(work)
    // A command without an answer is not a failure if the run was interrupted.
    if (!options.signal.aborted) throw error
  }
}

// A steady rate by the clock; steps that were delayed by more than a second are not made up for.
async function* atPace(steps: Iterable<Step>, signal: AbortSignal): AsyncGenerator<Step> {
  let due = 0
  let lastAt = performance.now()
  for (const step of steps) {
    while (due < 1) {
      if (!(await sleep(tickMs, signal))) return
      const now = performance.now()
      due = Math.min(due + ((now - lastAt) / 1_000) * stepsPerSecond, stepsPerSecond)
      lastAt = now
    }
    due--
    yield step
  }
}

async function watch(shop: Shop, commands: () => number, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const look = async (): Promise<Snapshot> => ({
    at: performance.now(),
    commands: commands(),
    services: await shop.status(),
  })
  let before = await look()
  const startedAt = before.at
  const isDue = (line: number) =>
    line === 0 ? somethingHandled(shop, signal) : sleep(untilNextSecond(startedAt), signal)
  for (let line = 0; await isDue(line); line++) {
    const now = await look()
    if (line % linesPerHead === 0) terminal.write(`${line === 0 ? '' : '\n'}${flowHead()}\n`)
    terminal.write(`${flowLine(startedAt, before, now)}\n`)
    before = now
  }
}

// The first line does not wait for its second, unless nothing happens. False if the signal is aborted first.
async function somethingHandled(shop: Shop, signal: AbortSignal): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < 1_000; waitedMs += tickMs) {
    if (!(await sleep(tickMs, signal))) return false
    if (handledBy(await shop.status()) > 0) return true
  }
  return true
}

// Aligns the lines to whole seconds, although reading the status takes time too. A timer may be slightly early.
function untilNextSecond(startedAt: number): number {
  const seconds = (performance.now() - startedAt) / 1_000
  return (Math.floor(seconds + 0.1) + 1 - seconds) * 1_000
}

// False if the signal is aborted first.
async function sleep(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await pause(ms, undefined, { signal })
    return true
  } catch {
    return false
  }
}
