// The shop on made-up orders: sends them at an even pace and tells once a second what flows, until it is interrupted.
import { setTimeout as pause } from 'node:timers/promises'
import { generateSteps } from '../generate/index.ts'
import type { Step } from '../steps/step.ts'
import { flowHead, flowLine, type Look } from './flow-table.ts'
import { sendSteps } from './send-steps.ts'
import type { Shop } from './shop.ts'
import type { Terminal } from './terminal.ts'

/** Commands a second: brisk to watch, and little work for a small machine. */
const stepsPerSecond = 300

const tickMs = 50

/** Steps that may wait for a service that is down, before the others have to wait, too. */
const stepsMax = 5_000
const linesPerHead = 20

/** How a run on made-up orders goes. */
export interface GeneratedOptions {
  /** What the orders follow from; another one each run, so that they are new to the services. */
  readonly seed: number
  /** The first day of the shop's time, in milliseconds since 1970. */
  readonly from: number
  readonly terminal: Terminal
  /** Ends it after the commands under way. */
  readonly signal: AbortSignal
}

/** Runs until the signal comes. */
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
    // What was not answered when the end was asked for is no failure.
    if (!options.signal.aborted) throw error
  }
}

// An even pace by the clock: what a slow moment has delayed is not made up for.
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
  const look = async (): Promise<Look> => ({
    at: performance.now(),
    commands: commands(),
    services: await shop.status(),
  })
  let before = await look()
  const startedAt = before.at
  for (let line = 0; await sleep(untilNextSecond(startedAt), signal); line++) {
    const now = await look()
    if (line % linesPerHead === 0) terminal.write(`${line === 0 ? '' : '\n'}${flowHead()}\n`)
    terminal.write(`${flowLine(startedAt, before, now)}\n`)
    before = now
  }
}

// A look takes its time, too; the lines keep to their seconds all the same. A timer may be early by a little.
function untilNextSecond(startedAt: number): number {
  const seconds = (performance.now() - startedAt) / 1_000
  return (Math.floor(seconds + 0.1) + 1 - seconds) * 1_000
}

// False where the signal came instead.
async function sleep(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await pause(ms, undefined, { signal })
    return true
  } catch {
    return false
  }
}
