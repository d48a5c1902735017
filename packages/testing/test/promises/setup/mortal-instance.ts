// An instance that can die, be paused, or be cut off: its callbacks stop and its calls get no answer, for ever or until it comes back; or only its
// calls fail. The store and the other instances go on. Invariant: what it had sent to the store before is there.

import { setImmediate as turn } from 'node:timers/promises'
import { TidingsError } from 'tidings'
import type { EffectRequest, Environment, Store, Timeouts } from 'tidings/ports'
import { ServiceRuntime } from 'tidings/runtime'
import type { World } from './world.ts'

/** An instance that can die. */
export interface MortalInstance {
  readonly runtime: ServiceRuntime
  kill(): void
  pause(): void
  /** What its calls have brought arrives first, then what was due runs. */
  resume(): Promise<void>
  /** From now on it does not reach its store and its broker. */
  cutOff(): void
}

/** What is placed around an instance. */
export interface AroundInstance {
  readonly name: string
  /** Performs its effects. */
  perform?(request: EffectRequest, own: () => Promise<unknown>): Promise<unknown>
  /** Called before and after each of its commits. It may end the instance there. */
  committing?(tables: ReadonlySet<string>, when: 'before' | 'after', instance: Omit<MortalInstance, 'runtime'>): void
}

const never = new Promise<never>(() => {})

/** Whether a process runs, and what waits for it to come back. */
class Life {
  #state: 'runs' | 'paused' | 'dead' = 'runs'
  isCutOff = false
  #waiting: (() => void)[] = []

  /** Runs something now, when it comes back, or never. */
  run(callback: () => void): void {
    if (this.#state === 'runs') callback()
    else if (this.#state === 'paused') this.#waiting.push(callback)
  }

  /** Resolves when it runs. */
  get running(): Promise<void> | undefined {
    if (this.#state === 'runs') return undefined
    return this.#state === 'dead' ? never : new Promise((resolve) => this.run(resolve))
  }

  readonly kill = (): void => {
    this.#state = 'dead'
  }

  readonly pause = (): void => {
    if (this.#state === 'runs') this.#state = 'paused'
  }

  readonly cutOff = (): void => {
    this.isCutOff = true
  }

  readonly resume = async (): Promise<void> => {
    if (this.#state !== 'paused') return
    this.#state = 'runs'
    const waiting = this.#waiting
    this.#waiting = []
    for (const callback of waiting) {
      this.run(callback)
      await turn()
    }
  }
}

/** Starts it. */
export async function mortalInstance(world: World, service: string, around: AroundInstance): Promise<MortalInstance> {
  const life = new Life()
  const { declaration, environment: ofFirst } = world.system.service(service)
  const timeouts: Timeouts = {
    after: (delayMs, run, options) => world.timeouts.after(delayMs, () => life.run(run), options),
    soon: (run) => world.timeouts.soon(() => life.run(run)),
  }
  const perform = around.perform ?? ((_request, own) => own())
  const environment: Environment = { ...ofFirst, clock: world.clock, timeouts, effects: { perform } }
  const engine = await world.engine.driver.open(environment)
  const broker = within(engine.broker, life, () => {})
  const runtime = await world.run(
    Promise.resolve(engine.openStore(service)).then((store) =>
      ServiceRuntime.create(declaration, {
        store: within(store, life, (tables, when) => around.committing?.(tables, when, life)),
        broker,
        environment,
        lookups: world.system.lookups,
        instance: around.name,
      }),
    ),
  )
  if (runtime === undefined) throw new Error('The world was killed before the instance had started.')
  return { runtime, kill: life.kill, pause: life.pause, resume: life.resume, cutOff: life.cutOff }
}

// A port as the instance sees it.
function within<T extends object>(
  port: T,
  life: Life,
  committing: (tables: ReadonlySet<string>, when: 'before' | 'after') => void,
): T {
  return new Proxy(port, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function' || name === 'watch' || name === 'tableIdentifier') return member
      return async (...given: readonly unknown[]) => {
        const tables = new Set(
          name === 'commit' ? (given[0] as Parameters<Store['commit']>[0]).rows.map(({ table }) => table) : [],
        )
        if (name === 'commit') committing(tables, 'before')
        await life.running
        if (life.isCutOff && name !== 'close') throw new TidingsError('STORE_UNAVAILABLE', 'The store is out of reach.')
        const answer: unknown = await Reflect.apply(member, target, given)
        if (name === 'commit') committing(tables, 'after')
        await life.running
        return answer
      }
    },
  })
}
