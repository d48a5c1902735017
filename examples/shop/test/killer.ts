// Kills processes of a running shop at random moments with SIGKILL: sometimes one, sometimes several, sometimes all at once. The same seed
// gives the same choices; their exact moments depend on the machine.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Random, seededRandom } from '../generate/random.ts'

/** Options of a killer. */
export interface KillerOptions {
  readonly seed: number
  /** The process whose children are killed. */
  readonly parent: number
  /** The shop's data folder: if the machine has no `/proc`, children are found by their run files. */
  readonly data: string
  /** The pause between two kills, in milliseconds: from the first to the second. */
  readonly pauseMs: readonly [number, number]
}

/** A running killer. */
export interface Killer {
  /** The number of processes it has killed. */
  readonly kills: number
  stop(): void
}

/** Starts a killer. */
export function startKiller({ seed, parent, data, pauseMs }: KillerOptions): Killer {
  const random = seededRandom(seed)
  const killer = { kills: 0, stop: () => clearTimeout(timer) }
  const killSome = () => {
    for (const pid of chosen(random, childrenOf(parent, data))) {
      if (kill(pid)) killer.kills++
    }
    timer = setTimeout(killSome, random.whole(...pauseMs))
  }
  let timer = setTimeout(killSome, random.whole(...pauseMs))
  return killer
}

// Usually one, sometimes several or all.
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
    // It has already ended.
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
