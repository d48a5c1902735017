// Injects faults into running processes: deaths at crash points, SIGKILL, SIGSTOP for longer than any timeout, of one process and of all at
// once, CPU starvation, and the death of all processes at once. The choices follow from a seed; their timing depends on the machine.
// Invariant: only the given processes are touched, and once it has stopped, none is left stopped or starved.

import { type ChildProcess, spawn } from 'node:child_process'
import { availableParallelism, setPriority } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import type { Random } from 'tidings/ports'
import type { Reachable } from './crash-points.ts'
import type { CrashOrders } from './crash-switch.ts'

/** What a fault injector is given. */
export interface FaultOptions {
  /** What every choice follows from. */
  readonly random: Random
  /** The processes that may be harmed at the moment, by service. */
  readonly victims: () => ReadonlyMap<string, number>
  /** Kills the supervisor, and with it every process; returns whether it did. Omit it if there is no supervisor. */
  readonly killWhole?: () => boolean
  /** The process of the supervisor, which a storm stops too. Omit it if there is none. */
  readonly supervisor?: () => number | undefined
  /** Where deaths at crash points are ordered and noted. */
  readonly orders: CrashOrders
  /** The crash points to use. */
  readonly points: readonly Reachable[]
  /** The kinds of faults. Default: all. */
  readonly kinds?: readonly FaultKind[]
  /** The pause between two faults, in milliseconds: from the first to the second. */
  readonly pauseMs: readonly [number, number]
}

/** How many faults of each kind there were. */
export interface FaultCounts {
  /** Deaths by SIGKILL from outside. */
  kills: number
  /** SIGSTOPs, each followed by SIGCONT or SIGKILL. */
  stops: number
  /** All processes stopped at once, with their supervisor, and continued. */
  storms: number
  starvations: number
  /** All services at once. */
  together: number
  /** The supervisor and, with it, everything. */
  whole: number
}

/** How long an order to die at a point may wait until its service reaches the point, in milliseconds. */
const orderMs = 8_000

/** A kind of fault. */
export type FaultKind = 'crash' | 'kill' | 'stop' | 'storm' | 'starve' | 'together' | 'whole'

/** How often each kind occurs in one deck, so that every kind occurs within a minute. */
const deck: Readonly<Record<FaultKind, number>> = {
  crash: 35,
  kill: 6,
  stop: 4,
  storm: 2,
  starve: 2,
  together: 1,
  whole: 1,
}

/** Injects faults into processes until it is stopped. */
export class FaultInjector {
  readonly counts: FaultCounts = { kills: 0, stops: 0, storms: 0, starvations: 0, together: 0, whole: 0 }
  readonly #options: FaultOptions
  readonly #given = new Map<string, { readonly point: Reachable['point']; readonly at: number }>()
  readonly #tries = new Map<string, number>()
  readonly #stopped = new Map<number, Promise<void>>()
  readonly #starved = new Set<Promise<void>>()
  readonly #burners = new Set<ChildProcess>()
  readonly #ending = new AbortController()
  #cards: FaultKind[] = []
  #crashesOnly = false
  #ended: Promise<void> = Promise.resolve()

  constructor(options: FaultOptions) {
    this.#options = options
  }

  start(): void {
    this.#ended = this.#run()
  }

  /** From now on, injects only deaths at points that were never hit. */
  onlyMissing(): void {
    this.#crashesOnly = true
  }

  /** The points that were never hit. */
  missing(): readonly Reachable['point'][] {
    const hit = new Set(this.#options.orders.hits().map(({ point }) => point))
    return [...new Set(this.#options.points.map(({ point }) => point))].filter((point) => !hit.has(point))
  }

  /** Stops injecting; resolves when no process is stopped or starved any more. */
  async stop(): Promise<void> {
    this.#ending.abort()
    await this.#ended
    for (const service of this.#given.keys()) this.#options.orders.withdraw(service)
    await Promise.all([...this.#stopped.values(), ...this.#starved])
    for (const burner of this.#burners) burner.kill('SIGKILL')
  }

  async #run(): Promise<void> {
    const [from, to] = this.#options.pauseMs
    while (await this.#sleep(from + this.#options.random.next() * (to - from))) {
      this.#withdrawOld()
      this.#inject(this.#crashesOnly ? 'crash' : this.#kind())
    }
  }

  // Like drawing cards: each kind as often as the deck has it, in an order that follows from the seed.
  #kind(): FaultKind {
    if (this.#cards.length === 0) {
      const kinds = this.#options.kinds ?? (Object.keys(deck) as FaultKind[])
      this.#cards = kinds.flatMap((kind) => Array.from({ length: deck[kind] }, () => kind))
    }
    const [card] = this.#cards.splice(Math.floor(this.#options.random.next() * this.#cards.length), 1)
    return card ?? 'crash'
  }

  #inject(kind: FaultKind): void {
    const victims = [...this.#options.victims()].filter(([, pid]) => !this.#stopped.has(pid))
    const victim = victims[Math.floor(this.#options.random.next() * victims.length)]?.[1]
    if (kind === 'crash') this.#orderCrash()
    else if (kind === 'whole') this.#killWhole()
    else if (victim === undefined) return
    else if (kind === 'together') this.#killTogether(victims.map(([, pid]) => pid))
    else if (kind === 'storm') this.#storm(victims.map(([, pid]) => pid))
    else if (kind === 'stop') this.#stop(victim)
    else if (kind === 'starve') this.#starve(victim)
    else this.#kill(victim)
  }

  #killWhole(): void {
    if (this.#options.killWhole?.() === true) this.counts.whole++
  }

  #killTogether(pids: readonly number[]): void {
    this.counts.together++
    for (const pid of pids) this.#kill(pid)
  }

  // Prefers the points hit least often; among those, points that few services reach; then those tried least often.
  #orderCrash(): void {
    const { random, orders, points, victims } = this.#options
    const missing = this.#crashesOnly ? new Set(this.missing()) : undefined
    const hits = Map.groupBy(orders.hits(), ({ point }) => point)
    const services = Map.groupBy(points, ({ point }) => point)
    const costOf = ({ service, point }: Reachable) =>
      (hits.get(point)?.length ?? 0) * 1_000_000 +
      (services.get(point)?.length ?? 0) * 1_000 +
      (this.#tries.get(`${service} ${point}`) ?? 0) +
      random.next()
    // Only services that are up: in a starting one, the first commit would hit most points.
    const up = victims()
    const open = points.filter(
      ({ service, point }) => up.has(service) && !this.#given.has(service) && (missing?.has(point) ?? true),
    )
    const [chosen] = open.map((each) => ({ each, cost: costOf(each) })).sort((a, b) => a.cost - b.cost)
    if (chosen === undefined) return
    const { service, point } = chosen.each
    const name = `${service} ${point}`
    this.#tries.set(name, (this.#tries.get(name) ?? 0) + 1)
    this.#given.set(service, { point, at: performance.now() })
    orders.give(chosen.each)
    // A point at the start of a process is only reached when it starts.
    const pid = up.get(service)
    if (point.startsWith('store-open') && pid !== undefined) this.#kill(pid)
  }

  #withdrawOld(): void {
    for (const [service, { at }] of this.#given) {
      const { orders } = this.#options
      if (orders.waits(service) && performance.now() - at < orderMs) continue
      orders.withdraw(service)
      this.#given.delete(service)
    }
  }

  #kill(pid: number): void {
    if (signal(pid, 'SIGKILL')) this.counts.kills++
  }

  #stop(pid: number): void {
    const { random } = this.#options
    if (this.#pause(pid, this.#stopMs(), random.next() > 0.2)) this.counts.stops++
  }

  // As a machine that sleeps, or a container that is frozen: nobody runs, and then everybody goes on.
  #storm(pids: readonly number[]): void {
    this.counts.storms++
    const stopMs = this.#stopMs()
    const supervisor = this.#options.supervisor?.()
    const all = supervisor === undefined || this.#stopped.has(supervisor) ? pids : [...pids, supervisor]
    for (const pid of all) this.#pause(pid, stopMs, true)
  }

  #stopMs(): number {
    return 300 + this.#options.random.next() * 6_500
  }

  #pause(pid: number, stopMs: number, resumes: boolean): boolean {
    if (!signal(pid, 'SIGSTOP')) return false
    const over = this.#sleep(stopMs).then(() => {
      if (resumes) signal(pid, 'SIGCONT')
      else this.#kill(pid)
      this.#stopped.delete(pid)
    })
    this.#stopped.set(pid, over)
    return true
  }

  // Every process gets less CPU for a while, and one gets next to none.
  #starve(pid: number): void {
    this.counts.starvations++
    const burnMs = Math.round(500 + this.#options.random.next() * 2_000)
    for (let count = 0; count < availableParallelism(); count++) {
      const burn = `const end = performance.now() + ${burnMs}; while (performance.now() < end);`
      const burner = spawn(process.execPath, ['-e', burn], { stdio: 'ignore' })
      this.#burners.add(burner)
      burner.on('error', () => {}).on('exit', () => this.#burners.delete(burner))
    }
    renice(pid, 19)
    const over = this.#sleep(burnMs).then(() => {
      renice(pid, 0)
      this.#starved.delete(over)
    })
    this.#starved.add(over)
  }

  // False if the injector was stopped meanwhile.
  async #sleep(ms: number): Promise<boolean> {
    try {
      await pause(ms, undefined, { signal: this.#ending.signal })
      return true
    } catch {
      return false
    }
  }
}

function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    // It has ended by itself.
    return false
  }
}

// Without the permission to raise a priority again, it stays low until the process is restarted.
function renice(pid: number, priority: number): void {
  try {
    setPriority(pid, priority)
  } catch {}
}
