// Keeps the leases of one instance: renews its heartbeat, takes its share of the groups, gives back what is others', and stops in time.
// Invariant: by its own monotonic clock, counted from before a renewal was sent, the instance stops before the store lets others take over.

import { isTidingsError, TidingsError } from '../../errors/index.ts'
import { createLock } from '../concurrency/lock.ts'
import { pause } from '../concurrency/wait.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { WorkLoop } from '../core/work-loop.ts'
import { summarizeError } from '../failures/error-summary.ts'
import { readDocument, sharedTables } from '../unit-of-work/system-tables.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { type Share, shareOf } from './fair-share.ts'
import {
  aliveIn,
  checksToTake,
  type InstanceRow,
  idleDead,
  isAlive,
  isFree,
  type LeaseRow,
  type Leases,
  readLeases,
} from './lease-rows.ts'
import { failureOf, type InstanceFailure, NotBegun } from './not-begun.ts'
import { Tenure } from './tenure.ts'

/** What an instance does with the groups that it holds. */
export interface Holding {
  /** Begins to do the work of a group. */
  begin(tenure: Tenure): Promise<void>
  /** Ends it, once work in progress is done; or at once, if the tenure is lost. */
  end(tenure: Tenure): Promise<void>
  /** Called after each look at the leases. */
  looked(leases: Leases): Promise<void>
}

/** Options of a keeper. */
export interface LeaseKeeperOptions {
  /** The name of the instance. */
  readonly instance: string
  readonly holding: Holding
}

/** The part of `leaseMs` after which an instance that has not renewed counts as dead. The rest is for others to notice it. */
const heldPart = 0.75
/** It renews so often within that time that two renewals may fail. */
const renewalsPerHold = 3
/** It looks at the leases at least so often within `leaseMs`. */
const looksPerLease = 5

/** Keeps the leases of one instance. */
export class LeaseKeeper {
  readonly #core: ServiceCore
  readonly #instance: string
  readonly #holding: Holding
  readonly #run: string
  readonly #loop: WorkLoop
  /** Lets one look at a time take and drop, so that none decides by rows that another has changed. */
  readonly #inTurn = createLock()
  readonly #tenures = new Map<string, Tenure>()
  /** Groups that are being given back, until their rows are deleted. */
  readonly #leaving = new Map<Tenure, Promise<void>>()
  readonly #notBegun: NotBegun
  #groups: readonly string[] = []
  #code = 0
  /** The revision of its heartbeat row; 0 before the first. */
  #revision = 0
  /** By the monotonic clock. */
  #renewedAt = Number.NEGATIVE_INFINITY
  #heldUntil = Number.NEGATIVE_INFINITY
  #stopInTime: () => void = () => {}
  #isReplaced = false
  #isClosing = false

  constructor(core: ServiceCore, { instance, holding }: LeaseKeeperOptions) {
    this.#core = core
    this.#instance = instance
    this.#holding = holding
    this.#run = core.environment.ids.next()
    this.#notBegun = new NotBegun(core)
    this.#loop = new WorkLoop(core, {
      failing: 'The leases of this instance cannot be renewed',
      resuming: 'The leases of this instance are renewed again',
      pass: () => this.#pass(),
      pauseMsMax: this.#lookMs,
    })
  }

  /** The groups that it holds. */
  get groups(): readonly string[] {
    return [...this.#tenures.keys()]
  }

  /** Why it does not renew its leases. */
  get failure(): InstanceFailure | undefined {
    const known = this.#isReplaced ? summarizeError(this.#replacedError()) : this.#loop.failure
    return known === undefined ? undefined : failureOf(known)
  }

  /** The groups that it could not begin. */
  get notBegun(): NotBegun['all'] {
    return this.#notBegun.all
  }

  /** Announces the instance and renews from now on. It takes nothing yet. */
  async announce(): Promise<void> {
    await this.#renew()
    this.#loop.start()
  }

  /** Runs `work` while no other instance does such work: waits until nobody else holds the lease `name`. */
  async alone<T>(name: string, work: (core: ServiceCore) => Promise<T>): Promise<T> {
    const { store, environment } = this.#core
    for (;;) {
      if (this.#isReplaced) throw this.#replacedError()
      const tenure = await this.#inTurn(async () => this.#take(await readLeases(store), name))
      if (tenure === undefined) {
        await pause(environment.timeouts, this.#lookMs / 10)
        continue
      }
      try {
        return await work(this.#core.within(tenure))
      } finally {
        await this.#release(tenure)
      }
    }
  }

  /**
   * Takes its share of these groups; resolves when what is free now and its own has begun. Throws what keeps one from beginning.
   *
   * @param code - the number of its code: instances with a lower one give back what they have.
   */
  async hold(groups: readonly string[], code: number): Promise<void> {
    const { store } = this.#core
    const taken: Tenure[] = []
    await this.#inTurn(async () => {
      this.#groups = groups
      this.#code = code
      await this.#renew()
      const leases = await readLeases(store)
      for (const group of this.#shareOf(leases).take) {
        const tenure = await this.#take(leases, group)
        if (tenure !== undefined) taken.push(tenure)
      }
      await this.#holding.looked(leases)
    })
    for (const tenure of taken) await this.#beginAtStart(tenure)
    if (this.#isReplaced) throw this.#replacedError()
    this.#loop.wake()
  }

  /** Ends the work of all its groups, and gives them back. */
  async close(): Promise<void> {
    this.#isClosing = true
    await this.#giveAllBack()
    this.#loop.close()
    await this.#loop.ended
    // A look that was under way may have taken more.
    await this.#giveAllBack()
    this.#stopInTime()
    if (this.#isReplaced) return
    await this.#forget(sharedTables.instances, this.#instance, this.#revision).catch(() => {
      // Then the instance counts as alive for a moment longer, and holds nothing.
    })
  }

  async #giveAllBack(): Promise<void> {
    for (const tenure of this.#tenures.values()) this.#giveBack(tenure)
    await Promise.all(this.#leaving.values())
  }

  get #lookMs(): number {
    const { leaseMs, pollMs } = this.#core.service.limits
    return Math.min(pollMs, Math.floor(leaseMs / looksPerLease))
  }

  get #heldMs(): number {
    return this.#core.service.limits.leaseMs * heldPart
  }

  get #isInTime(): boolean {
    return this.#core.environment.clock.monotonicMs() < this.#heldUntil
  }

  async #pass(): Promise<number> {
    if (this.#isReplaced) return this.#lookMs
    const { store } = this.#core
    await this.#renewIfDue()
    await this.#inTurn(async () => {
      const leases = await readLeases(store)
      // Its machine stood still, and its clock with it: by the store's clock it counts as dead.
      if (!isAlive(leases, this.#instance)) await this.#renew()
      this.#dropLost(leases)
      if (!this.#isClosing && this.#isInTime) await this.#share(leases)
      await this.#holding.looked(leases)
    })
    return this.#lookMs
  }

  #shareOf(leases: Leases): Share {
    return shareOf(leases, this.#groups, { name: this.#instance, canTake: (group) => this.#canTake(leases, group) })
  }

  #canTake(leases: Leases, group: string): boolean {
    return !this.#tenures.has(group) && isFree(leases, group)
  }

  async #renewIfDue(): Promise<void> {
    const { clock } = this.#core.environment
    if (clock.monotonicMs() - this.#renewedAt >= this.#heldMs / renewalsPerHold) await this.#renew()
  }

  // Another renewal may come in between: one of its own, or of a process that has the name as well.
  async #renew(): Promise<void> {
    const { conflictRetriesMax } = this.#core.service.limits
    for (let tries = 0; !(await this.#renewOnce()); tries++)
      if (tries >= conflictRetriesMax) throw new TidingsError('CONFLICT', `Instance ${this.#instance} could not renew.`)
  }

  // Says that it is alive; `false` if another renewal came in between. The moment counts from before the store was asked: what that grants ends later.
  async #renewOnce(): Promise<boolean> {
    const { store, environment } = this.#core
    if (this.#isReplaced) return true
    const sentAt = environment.clock.monotonicMs()
    // Asked anew: the clock that the instance keeps may be behind, and then others would take over before this one stops.
    const expiresAt = (await store.now()) + this.#heldMs
    const kept = await readDocument<InstanceRow>(store, sharedTables.instances, this.#instance)
    if (this.#revision > 0 && kept !== undefined && kept.document.run !== this.#run) return this.#noteReplaced()
    const unit = new UnitOfWork(store)
    unit.check({ table: sharedTables.instances, key: this.#instance, revision: kept?.revision ?? 0 })
    unit.putDocument(sharedTables.instances, this.#instance, {
      run: this.#run,
      expiresAt,
      code: this.#code,
    } satisfies InstanceRow)
    const result = await this.#core.commit(unit)
    if (!result.committed) return false
    this.#revision = Math.max(this.#revision, result.revision)
    this.#renewedAt = sentAt
    this.#heldUntil = sentAt + this.#heldMs
    this.#loseInTime()
    return true
  }

  #loseInTime(): void {
    const { clock, timeouts } = this.#core.environment
    this.#stopInTime()
    this.#stopInTime = timeouts.after(Math.max(1, this.#heldUntil - clock.monotonicMs()), () => {
      if (this.#isInTime) this.#loseInTime()
      else this.#loseAll()
    })
  }

  #noteReplaced(): true {
    this.#isReplaced = true
    this.#heldUntil = Number.NEGATIVE_INFINITY
    const error = this.#replacedError()
    this.#core.log.error('This instance was replaced', { code: error.code, error: error.message, hint: error.hint })
    this.#loseAll()
    return true
  }

  #replacedError(): TidingsError {
    return new TidingsError(
      'INSTANCE_REPLACED',
      `Another process has started as instance ${this.#instance} of ${this.#core.service.name}; this one does no more work by itself.`,
    )
  }

  #loseAll(): void {
    if (this.#tenures.size > 0 && !this.#isReplaced)
      this.#core.log.warn('This instance could not renew its leases in time; others take over its work', {
        groups: this.#tenures.size,
        next: 'npx tidings status',
      })
    for (const tenure of [...this.#tenures.values()]) tenure.lose()
  }

  #dropLost({ leases }: Leases): void {
    for (const tenure of [...this.#tenures.values(), ...this.#leaving.keys()])
      if (leases.get(tenure.group)?.revision !== tenure.generation) tenure.lose()
  }

  async #share(leases: Leases): Promise<void> {
    const { take, giveCount } = this.#shareOf(leases)
    // What it has taken last goes first: it has warmed up least.
    const given = giveCount - this.#leaving.size
    const staying = [...this.#tenures.values()].filter((tenure) => !this.#leaving.has(tenure))
    if (given > 0) for (const tenure of staying.slice(-given)) this.#giveBack(tenure)
    for (const group of take) {
      if (this.#notBegun.isLeft(group) || this.#isClosing) continue
      const tenure = await this.#take(leases, group)
      if (tenure !== undefined) void this.#begin(tenure)
    }
    // What it has lost by its clock, or could not give back, is its own to all others for as long as it lives.
    for (const [group, { run, revision }] of leases.leases)
      if (run === this.#run && !this.#tenures.has(group)) await this.#forget(sharedTables.leases, group, revision)
    for (const [name, { revision }] of idleDead(leases)) await this.#forget(sharedTables.instances, name, revision)
  }

  // Deletes a row, unless it has changed.
  async #forget(table: string, key: string, revision: number): Promise<void> {
    const unit = new UnitOfWork(this.#core.store)
    unit.check({ table, key, revision })
    unit.deleteRow(table, key)
    await this.#core.commit(unit)
  }

  // While others began, it may have been given back or lost. What is lost while it begins is another instance's to begin.
  async #beginHeld(tenure: Tenure): Promise<void> {
    if (this.#tenures.get(tenure.group) !== tenure || this.#leaving.has(tenure)) return
    try {
      await this.#holding.begin(tenure)
    } catch (error) {
      if (!tenure.signal.aborted) throw error
    }
  }

  // Older code that is started for good does what it can, and leaves the rest to newer code.
  async #beginAtStart(tenure: Tenure): Promise<void> {
    try {
      await this.#beginHeld(tenure)
    } catch (error) {
      if (!isTidingsError(error, 'CODE_OUTDATED')) throw error
      this.#noteNotBegun(tenure, error)
    }
  }

  // Beginning may take long, and renewals must go on.
  async #begin(tenure: Tenure): Promise<void> {
    try {
      await this.#beginHeld(tenure)
      this.#notBegun.forget(tenure.group)
    } catch (error) {
      this.#noteNotBegun(tenure, error)
    }
  }

  #noteNotBegun(tenure: Tenure, thrown: unknown): void {
    this.#notBegun.note(tenure.group, thrown)
    this.#giveBack(tenure)
  }

  /** Takes a lease; `undefined` if it is not free, or another instance was faster. */
  async #take(all: Leases, group: string): Promise<Tenure | undefined> {
    // Where the store is slow, taking all that there is lasts longer than a lease.
    await this.#renewIfDue()
    if (!this.#canTake(all, group) || !this.#isInTime) return undefined
    const unit = new UnitOfWork(this.#core.store)
    for (const check of checksToTake(all, group)) unit.check(check)
    const row: LeaseRow = { holder: this.#instance, run: this.#run }
    unit.putDocument(sharedTables.leases, group, row)
    const result = await this.#core.commit(unit)
    if (!result.committed) return undefined
    const tenure = new Tenure(group, result.revision, {
      holder: this.#instance,
      isAfterDeath: all.leases.has(group),
      others: aliveIn(all).filter((name) => name !== this.#instance),
      isInTime: () => this.#isInTime,
    })
    this.#tenures.set(group, tenure)
    tenure.whenLost(() => {
      if (this.#tenures.get(group) === tenure) this.#tenures.delete(group)
      this.#core.log.info('A part of the work has gone to another instance', { group })
      // It cannot commit any more, so nobody waits for its end.
      void this.#holding.end(tenure).catch(() => {})
    })
    return tenure
  }

  #giveBack(tenure: Tenure): void {
    if (this.#leaving.has(tenure) || tenure.signal.aborted) return
    const left = this.#holding
      .end(tenure)
      .catch((error: unknown) => this.#noteNotEnded(tenure, error))
      .then(() => this.#release(tenure))
      .finally(() => this.#leaving.delete(tenure))
    this.#leaving.set(tenure, left)
  }

  // Whatever still runs commits nothing once the lease is given back.
  #noteNotEnded({ group }: Tenure, error: unknown): void {
    this.#core.log.error('A part of the work did not end as it should', {
      group,
      error: error instanceof Error ? error.message : String(error),
      next: 'npx tidings status',
    })
  }

  async #release(tenure: Tenure): Promise<void> {
    await this.#forget(sharedTables.leases, tenure.group, tenure.generation).catch(() => {
      // Then it is free when this instance has ended, or its lease.
    })
    tenure.end()
    if (this.#tenures.get(tenure.group) === tenure) this.#tenures.delete(tenure.group)
  }
}
