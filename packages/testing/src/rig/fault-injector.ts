// Injects faults into running processes: deaths at crash points, functions that loop or hang, SIGKILL, SIGSTOP for longer than any timeout, of one
// process and of all at once, CPU starvation, the death of all processes at once, and stores that are moved away. The choices follow from a seed;
// their timing depends on the machine.
// Invariant: only the given processes are touched, and once it has stopped, none is left stopped or starved and no store is left away.

import { type ChildProcess, spawn } from 'node:child_process'
import { renameSync } from 'node:fs'
import { availableParallelism, setPriority } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import type { Random } from 'tidings/ports'
import type { CrashPoint, Reachable } from './crash-points.ts'
import type { CrashOrders } from './crash-switch.ts'
import { countOf, deck, type FaultCounts, type FaultKind, noFaults } from './fault-kinds.ts'
import { GivenOrders } from './given-orders.ts'
import { LoopingProcesses } from './looping-processes.ts'
import { signal } from './signals.ts'

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
  /** Where deaths, loops and hangs at points are ordered and noted. */
  readonly orders: CrashOrders
  /** The crash points to use. */
  readonly points: readonly Reachable[]
  /** The points at which functions loop for ever; each process needs a watchdog that ends it. Default: none. */
  readonly loops?: readonly Reachable[]
  /** How long a process may loop before that is a finding, in milliseconds. Default: 30,000. */
  readonly loopMsMax?: number
  /** The points at which functions hang. Default: none. */
  readonly hangs?: readonly Reachable[]
  /** The folder of all stores, which is moved away while every service runs. It needs `supervisor`. Omit it to leave the stores where they are. */
  readonly stores?: {
    readonly folder: string
    /** Whether every service runs: one that starts while its store is away creates another one. */
    readonly allRun: () => boolean
  }
  /** The kinds of faults. Default: all that the other options allow. */
  readonly kinds?: readonly FaultKind[]
  /** The pause between two faults, in milliseconds: from the first to the second. */
  readonly pauseMs: readonly [number, number]
}

/** How long nothing happens before the stores are moved away, in milliseconds, so that it is known which processes run. */
const calmMs = 500

/** Injects faults into processes until it is stopped. */
export class FaultInjector {
  readonly counts: FaultCounts = noFaults()
  readonly #options: FaultOptions
  readonly #given: GivenOrders
  readonly #looping: LoopingProcesses
  readonly #stopped = new Map<number, Promise<void>>()
  readonly #starved = new Set<Promise<void>>()
  readonly #burners = new Set<ChildProcess>()
  readonly #ending = new AbortController()
  #cards: FaultKind[] = []
  #onlyMissing = false
  #ended: Promise<void> = Promise.resolve()

  constructor(options: FaultOptions) {
    this.#options = options
    this.#given = new GivenOrders(options.orders, options.random)
    this.#looping = new LoopingProcesses(options.orders, options.loopMsMax ?? 30_000)
  }

  start(): void {
    this.#ended = this.#run()
  }

  /** From now on, injects only what is missing. */
  onlyMissing(): void {
    this.#onlyMissing = true
  }

  /** The points that were never hit and the kinds of faults that never came. */
  missing(): readonly (CrashPoint | FaultKind)[] {
    return [...this.#missingPoints(), ...this.#missingKinds()]
  }

  /** What looped for too long, because nothing ended its process. */
  get endless(): readonly string[] {
    return this.#looping.endless
  }

  /** Stops injecting; resolves when no process loops, is stopped or starved any more. */
  async stop(): Promise<void> {
    this.#ending.abort()
    await this.#ended
    this.#given.withdrawAll()
    await Promise.all([...this.#stopped.values(), ...this.#starved])
    for (const burner of this.#burners) burner.kill('SIGKILL')
    for (this.#look(); this.#looping.size > 0; this.#look()) await pause(100)
  }

  async #run(): Promise<void> {
    const [from, to] = this.#options.pauseMs
    while (await this.#sleep(from + this.#options.random.next() * (to - from))) {
      this.#given.withdrawOld()
      this.#look()
      await this.#inject(this.#onlyMissing ? this.#missingKind() : this.#kind())
    }
  }

  #look(): void {
    this.#looping.look()
    this.counts.loops = this.#looping.begun
    this.counts.hangs = this.#options.orders.hits('hang').length
  }

  // Like drawing cards: each kind as often as the deck has it, in an order that follows from the seed.
  #kind(): FaultKind {
    if (this.#cards.length === 0)
      this.#cards = this.#possible().flatMap((kind) => Array.from({ length: deck[kind] }, () => kind))
    return this.#draw(this.#cards) ?? 'crash'
  }

  // A slow machine may draw too few cards for all kinds to come in time.
  #missingKind(): FaultKind {
    return (
      this.#draw([...this.#missingKinds(), ...(this.#missingPoints().length > 0 ? (['crash'] as const) : [])]) ??
      'crash'
    )
  }

  #draw(cards: FaultKind[]): FaultKind | undefined {
    return cards.splice(Math.floor(this.#options.random.next() * cards.length), 1)[0]
  }

  #possible(): readonly FaultKind[] {
    const { loops = [], hangs = [], stores, killWhole, kinds = Object.keys(deck) as FaultKind[] } = this.#options
    const without = new Set<FaultKind>([
      ...(loops.length === 0 ? (['loop'] as const) : []),
      ...(hangs.length === 0 ? (['hang'] as const) : []),
      ...(stores === undefined ? (['move'] as const) : []),
      ...(killWhole === undefined ? (['whole'] as const) : []),
    ])
    return kinds.filter((kind) => !without.has(kind))
  }

  #missingPoints(): readonly CrashPoint[] {
    const hit = new Set(this.#options.orders.hits().map(({ point }) => point))
    return [...new Set(this.#options.points.map(({ point }) => point))].filter((point) => !hit.has(point))
  }

  #missingKinds(): readonly FaultKind[] {
    return this.#possible().filter((kind) => kind !== 'crash' && this.counts[countOf[kind]] === 0)
  }

  // Whoever loops or is stopped is left alone: nobody else may end a loop.
  #free(): ReadonlyMap<string, number> {
    return new Map([...this.#options.victims()].filter(([, pid]) => !this.#stopped.has(pid) && !this.#looping.has(pid)))
  }

  async #inject(kind: FaultKind): Promise<void> {
    const free = this.#free()
    const pids = [...free.values()]
    const victim = pids[Math.floor(this.#options.random.next() * pids.length)]
    if (kind === 'crash') this.#orderCrash()
    else if (kind === 'whole') this.#killWhole()
    else if (victim === undefined) return
    else if (kind === 'loop') this.#given.give('loop', this.#options.loops ?? [], free)
    else if (kind === 'hang') this.#given.give('hang', this.#options.hangs ?? [], free)
    else if (kind === 'move') await this.#moveStores()
    else if (kind === 'together') this.#killTogether(pids)
    else if (kind === 'storm') this.#storm(pids)
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

  #orderCrash(): void {
    const { points, victims } = this.#options
    const missing = this.#onlyMissing ? new Set(this.#missingPoints()) : undefined
    const up = victims()
    const open = points.filter(({ point }) => missing?.has(point) ?? true)
    const chosen = this.#given.give('die', open, up)
    // A point at the start of a process is only reached when it starts.
    const pid = up.get(chosen?.service ?? '')
    if (chosen?.point.startsWith('store-open') && pid !== undefined && !this.#looping.has(pid)) this.#kill(pid)
  }

  // As `mv` by hand: no process notices but by looking. The supervisor is stopped meanwhile, since whoever starts would create new stores.
  async #moveStores(): Promise<void> {
    const { stores, supervisor, random, victims } = this.#options
    this.#given.withdrawAll()
    await Promise.all([...this.#stopped.values(), ...this.#starved])
    if (!(await this.#sleep(calmMs)) || stores === undefined) return
    this.#look()
    const pid = supervisor?.()
    if (this.#looping.size > 0 || !stores.allRun() || pid === undefined || !signal(pid, 'SIGSTOP')) {
      this.#cards.push('move')
      return
    }
    const away = `${stores.folder}-moved`
    renameSync(stores.folder, away)
    try {
      await this.#sleep(300 + random.next() * 1_700)
      // They end without having seen their files again, or go on when these are back.
      if (random.next() < 0.5) for (const each of victims().values()) this.#kill(each)
    } finally {
      renameSync(away, stores.folder)
      // Whoever ends the faults after so many moves does not cut the last one short.
      this.counts.moves++
      signal(pid, 'SIGCONT')
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

// Without the permission to raise a priority again, it stays low until the process is restarted.
function renice(pid: number, priority: number): void {
  try {
    setPriority(pid, priority)
  } catch {}
}
