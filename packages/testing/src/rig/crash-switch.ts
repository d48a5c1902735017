// Orders a process to die at a point, and records that it did. Both are files, because files survive the process. The rig writes an order
// for a service; its process removes the order, notes the hit and kills itself by SIGKILL, all within the call that reached the point.

import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Reachable, Reached } from './crash-points.ts'

/** How often a process looks for an order, in milliseconds. */
const lookMs = 20

const orderFile = (folder: string, service: string) => join(folder, `${service}.order`)
const hitsFile = (folder: string) => join(folder, 'hits')

/** Kills this process when one of its services reaches the point that was ordered for it. */
export function crashSwitch(folder: string): Reached {
  const looks = new Map<string, { readonly order: string | undefined; readonly at: number }>()
  return (service, point) => {
    const now = performance.now()
    let look = looks.get(service)
    if (look === undefined || now - look.at > lookMs) {
      look = { order: readOrder(folder, service), at: now }
      looks.set(service, look)
    }
    if (look.order !== point) return
    looks.delete(service)
    if (take(folder, service)) die(folder, { service, point })
  }
}

function die(folder: string, hit: Reachable): void {
  appendFileSync(hitsFile(folder), `${JSON.stringify(hit)}\n`)
  process.kill(process.pid, 'SIGKILL')
  // Blocks this thread, in case the signal takes a moment.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5_000)
}

function readOrder(folder: string, service: string): string | undefined {
  try {
    return readFileSync(orderFile(folder, service), 'utf8')
  } catch {
    return undefined
  }
}

// Whoever removes the file has the order; if the order was withdrawn meanwhile, it is not executed.
function take(folder: string, service: string): boolean {
  try {
    unlinkSync(orderFile(folder, service))
    return true
  } catch {
    return false
  }
}

/** The rig's side: gives and withdraws orders, and reads the deaths. */
export class CrashOrders {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }

  /** Orders a service's process to die when it reaches a point; replaces an earlier order. */
  give({ service, point }: Reachable): void {
    const file = orderFile(this.#folder, service)
    writeFileSync(`${file}.draft`, point, { mode: 0o600 })
    renameSync(`${file}.draft`, file)
  }

  /** Whether an order still waits for its service. */
  waits(service: string): boolean {
    return existsSync(orderFile(this.#folder, service))
  }

  /** Withdraws an order; returns whether it was still there. */
  withdraw(service: string): boolean {
    return take(this.#folder, service)
  }

  /** The deaths so far, oldest first. */
  hits(): readonly Reachable[] {
    try {
      const lines = readFileSync(hitsFile(this.#folder), 'utf8').split('\n')
      return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Reachable)
    } catch {
      return []
    }
  }
}
