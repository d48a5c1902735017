// The lifetime of one run of a service, as if the run had a process of its own. Once the run is killed, its calls get no answer, its timers
// do not fire, and nothing wakes it: what it has not committed is lost. While it is paused, its calls and timers stand still.

import { TidingsError } from 'tidings'
import type { Awaitable, Broker, CommitUnit, Environment, LogLine, Lookups, Store, Timeouts } from 'tidings/ports'

/** Whether a run is killed before or after its next commit. */
export type CrashMoment = 'before-commit' | 'after-commit'

/** Called by the run. */
export interface LifetimeObserver {
  /** A unit of work was committed. */
  committed(unit: CommitUnit): void
  /** The run has reached the commit at which it is to be killed. */
  killed(): void
  /** Stops time while the driver closes its files. */
  outside(closing: Promise<void>): Promise<void>
  /** A pause before a call. The seed decides how long it is, and so the order of calls. */
  interleave(): Promise<void>
}

/** The lifetime of one run of a service. */
export class RunLifetime {
  readonly service: string
  /** The name of the instance that runs: that of the service, if it has one instance. */
  readonly instance: string
  readonly #observer: LifetimeObserver
  readonly #undo = new Set<() => void>()
  /** Rejects the work that is waited for. A promise of its end that all of it raced with would keep all of it in memory. */
  readonly #waiting = new Set<(error: unknown) => void>()
  #alive = true
  #crashPoint: CrashMoment | undefined
  #pause: PromiseWithResolvers<void> | undefined
  /** What came due while it was paused. */
  #missed: (() => void)[] = []

  constructor(service: string, observer: LifetimeObserver, instance = service) {
    this.service = service
    this.instance = instance
    this.#observer = observer
  }

  /** Kills the run. */
  kill(): void {
    this.#alive = false
    for (const undo of this.#undo) undo()
    this.#undo.clear()
    this.#missed = []
    const error = this.#killedError()
    for (const reject of this.#waiting) reject(error)
    this.#waiting.clear()
  }

  /** Kills the run before or after its next commit. */
  killAt(point: CrashMoment): void {
    this.#crashPoint = point
  }

  /** Whether it stands still. */
  get isPaused(): boolean {
    return this.#pause !== undefined
  }

  /** Resolves when it goes on; `undefined` if it does not stand still. */
  get goesOn(): Promise<void> | undefined {
    return this.#pause?.promise
  }

  /** Lets it stand still, as a frozen process does: its calls wait for their answers, and its timers and wake-ups come late. */
  pause(): void {
    this.#pause ??= Promise.withResolvers()
  }

  /** Lets it go on as if nothing had happened. */
  resume(): void {
    const pause = this.#pause
    if (pause === undefined) return
    this.#pause = undefined
    pause.resolve()
    for (const run of this.#missed.splice(0)) this.#whenAwake(run)
  }

  /** The result of some work; rejects with `CLOSED` if the run is killed first. */
  unlessKilled<T>(work: Promise<T>): Promise<T> {
    if (!this.#alive) {
      work.catch(() => {})
      return Promise.reject(this.#killedError())
    }
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject)
      void work.then(resolve, reject).finally(() => this.#waiting.delete(reject))
    })
  }

  /** The store as this run sees it. */
  store(store: Store): Store {
    return new Proxy(store, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name)
        if (name === 'close') return () => this.#answer(() => this.#observer.outside(target.close()))
        if (name === 'commit') return (unit: CommitUnit) => this.#commit(target, unit)
        if (typeof member !== 'function' || name === 'tableIdentifier') return member
        return (...parameters: unknown[]) => this.#answer(() => member.apply(target, parameters))
      },
    })
  }

  /** The broker as this run sees it. */
  broker(broker: Broker): Broker {
    return {
      capabilities: broker.capabilities,
      publish: (batch) => this.#answer(() => broker.publish(batch)),
      published: (source) => this.#answer(() => broker.published(source)),
      read: (source, request, by) => this.#answer(() => broker.read(source, request, by)),
      earlierEpochs: (source, by) => this.#answer(() => broker.earlierEpochs(source, by)),
      watch: (source, wake) => this.#until(broker.watch(source, () => this.#whenAwake(wake))),
      close: () => broker.close(),
    }
  }

  /** The environment as this run sees it. */
  environment(environment: Environment): Environment {
    const timeouts: Timeouts = {
      after: (delayMs, run) => {
        let isPending = true
        const undo = environment.timeouts.after(delayMs, () =>
          this.#whenAwake(() => {
            if (!isPending) return
            cancel()
            run()
          }),
        )
        const cancel = this.#until(() => {
          isPending = false
          undo()
        })
        return cancel
      },
      soon: (run) => environment.timeouts.soon(() => this.#whenAwake(run)),
    }
    return { ...environment, timeouts, log: (line: LogLine) => this.#alive && environment.log(line) }
  }

  /** Lookups as this run makes them. */
  lookups(lookups: Lookups): Lookups {
    return { ask: (request) => this.#answer(() => lookups.ask(request)) }
  }

  async #commit(store: Store, unit: CommitUnit) {
    const point = this.#crashPoint
    if (point === 'before-commit') return this.#killNow()
    return this.#answer(async () => {
      const result = await store.commit(unit)
      if (!result.committed) return result
      this.#observer.committed(unit)
      return point === 'after-commit' ? this.#killNow() : result
    })
  }

  #killNow(): Promise<never> {
    this.#observer.killed()
    return new Promise<never>(() => {})
  }

  async #answer<T>(call: () => Awaitable<T>): Promise<T> {
    await this.#observer.interleave()
    if (this.#pause !== undefined) await this.#pause.promise
    if (!this.#alive) return new Promise<never>(() => {})
    try {
      const answer = await call()
      if (this.#pause !== undefined) await this.#pause.promise
      return this.#alive ? answer : await new Promise<never>(() => {})
    } catch (error) {
      if (this.#pause !== undefined) await this.#pause.promise
      if (this.#alive) throw error
      return new Promise<never>(() => {})
    }
  }

  #killedError(): TidingsError {
    return new TidingsError('CLOSED', `Service ${this.service} crashed before it could answer.`)
  }

  #whenAwake(run: () => void): void {
    if (!this.#alive) return
    if (this.#pause === undefined) run()
    else this.#missed.push(run)
  }

  #until(undo: () => void): () => void {
    const once = () => {
      this.#undo.delete(once)
      undo()
    }
    this.#undo.add(once)
    return once
  }
}
