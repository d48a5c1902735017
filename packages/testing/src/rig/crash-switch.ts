// Orders a process to die, to loop for ever or to hang at a point, and records that it did. Both are files, because files survive the process. The
// rig writes an order for a service; its process removes the order, notes the hit and obeys, all within the call that reached the point.

import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Hit, PointFault, Reachable, Reached } from './crash-points.ts'

/** How often a process looks for an order, in milliseconds. */
const lookMs = 20

const orderFile = (folder: string, service: string) => join(folder, `${service}.order`)
const hitsFile = (folder: string) => join(folder, 'hits')

interface Order {
  readonly point: Reachable['point']
  readonly fault: PointFault
}

/** Does what was ordered when one of its services reaches the point: kills this process, blocks it for ever, or never lets the caller go on. */
export function crashSwitch(folder: string): Reached {
  const looks = new Map<string, { readonly order: Order | undefined; readonly at: number }>()
  return (service, point) => {
    const now = performance.now()
    let look = looks.get(service)
    if (look === undefined || now - look.at > lookMs) {
      look = { order: readOrder(folder, service), at: now }
      looks.set(service, look)
    }
    const { order } = look
    if (order?.point !== point) return undefined
    looks.delete(service)
    return take(folder, service) ? obey(folder, { service, point, fault: order.fault, pid: process.pid }) : undefined
  }
}

function obey(folder: string, hit: Hit): Promise<never> | undefined {
  appendFileSync(hitsFile(folder), `${JSON.stringify(hit)}\n`)
  if (hit.fault === 'hang') return new Promise(() => {})
  if (hit.fault === 'loop') loopForEver()
  process.kill(process.pid, 'SIGKILL')
  // Blocks this thread, in case the signal takes a moment.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5_000)
  return undefined
}

function loopForEver(): void {
  for (let count = 0; ; count++) if (count < 0) return
}

function readOrder(folder: string, service: string): Order | undefined {
  try {
    return JSON.parse(readFileSync(orderFile(folder, service), 'utf8')) as Order
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

/** The rig's side: gives and withdraws orders, and reads what came of them. */
export class CrashOrders {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }

  /** Orders a service's process to die when it reaches a point, or to loop or hang there; replaces an earlier order. */
  give({ service, point }: Reachable, fault: PointFault = 'die'): void {
    const file = orderFile(this.#folder, service)
    writeFileSync(`${file}.draft`, JSON.stringify({ point, fault } satisfies Order), { mode: 0o600 })
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

  /** The deaths so far, or the loops or the hangs, oldest first. */
  hits(fault: PointFault = 'die'): readonly Hit[] {
    try {
      const lines = readFileSync(hitsFile(this.#folder), 'utf8').split('\n')
      const hits = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Hit)
      return hits.filter((hit) => hit.fault === fault)
    } catch {
      return []
    }
  }
}
