// Kills processes of a running shop at random moments, as hard as a system can: SIGKILL, now one, now several, now all at once. One seed gives
// one sequence of choices; when they fall is up to the machine.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Random, seededRandom } from '../generate/random.ts'

/** What a killer does. */
export interface KillerOptions {
  readonly seed: number
  /** The process whose children are killed. */
  readonly parent: number
  /** The shop's data: children are found by their run files where the system has no `/proc`. */
  readonly data: string
  /** The pause between two kills, in milliseconds: from the first to the second. */
  readonly pauseMs: readonly [number, number]
}

/** A killer at work. */
export interface Killer {
  /** How many processes it has killed. */
  readonly kills: number
  stop(): void
}

/** Lets a killer loose. */
export function startKiller({ seed, parent, data, pauseMs }: KillerOptions): Killer {
  const random = seededRandom(seed)
  const killer = { kills: 0, stop: () => clearTimeout(timer) }
  const strike = () => {
    for (const pid of chosen(random, childrenOf(parent, data))) {
      if (kill(pid)) killer.kills++
    }
    timer = setTimeout(strike, random.whole(...pauseMs))
  }
  let timer = setTimeout(strike, random.whole(...pauseMs))
  return killer
}

// Mostly one, now and then a handful or all.
function chosen(random: Random, pids: readonly number[]): readonly number[] {
  const [first, ...rest] = pids
  if (first === undefined || random.chance(0.1)) return pids
  if (random.chance(0.2)) return pids.filter(() => random.chance(0.5))
  return [random.pick([first, ...rest])]
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
    return false
  }
}

function childrenOf(parent: number, data: string): readonly number[] {
  try {
    const text = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8')
    return text.split(' ').map(Number).filter(Boolean)
  } catch {
    return readRunFiles(join(data, 'run')).filter((pid) => pid !== parent)
  }
}

function readRunFiles(folder: string): readonly number[] {
  try {
    const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
    return files.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')).pid)
  } catch {
    return []
  }
}
