// Ways to break the shop on purpose, as real systems are broken. The rig must find every one.
import { setTimeout as pause } from 'node:timers/promises'
import { isTidingsError, type Service } from 'tidings'
import type { CommitResult, CommitUnit, Driver, RowWrite, Store } from 'tidings/ports'
import { observerName } from './services.ts'

/** The environment variable that names the broken variants. */
export const variantVariable = 'SHOP_RIG_VARIANT'

/** The broken variants, each with its effect. */
export const variants = {
  'publishes-twice': 'customers publishes each change twice',
  'dual-write': 'payments commits its tables first and its events in a second transaction',
  'early-answers': 'reviews answers before it commits',
  'checkpoint-first': 'the observer commits its checkpoint first and its work in a second transaction',
  'no-watchdog': 'nothing ends a process whose main thread is blocked',
  'forgets-deferred':
    'the observer moves its checkpoint past an event whose handler hangs, does not store that event, and dies',
  'ignores-moves': 'a service acknowledges what its store refuses because its file is no longer there',
} as const

/** A variant's name. */
export type Variant = keyof typeof variants

/** The variants that the environment variable names, separated by commas. */
export function variantsIn(environment: NodeJS.ProcessEnv): readonly Variant[] {
  const names = environment[variantVariable]?.split(',') ?? []
  return names.filter((name): name is Variant => Object.hasOwn(variants, name))
}

/** The service, broken as the variants say. */
export function breakService(service: Service, broken: readonly Variant[]): Service {
  if (service.name !== 'customers' || !broken.includes('publishes-twice')) return service
  return {
    ...service,
    commands: service.commands.map((command) => ({
      ...command,
      run: (input, context) => command.run(input, twice(context as Publishing)),
    })),
  }
}

interface Publishing {
  readonly publish: (...args: readonly unknown[]) => void
}

function twice(context: Publishing): object {
  return new Proxy(context, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target)
      if (name !== 'publish') return value
      return (...args: readonly unknown[]) => {
        for (let count = 0; count < 2; count++) (value as Publishing['publish'])(...args)
      }
    },
  })
}

type Commit = (store: Store, unit: CommitUnit) => Promise<CommitResult>

/** The driver, broken as the variants say. */
export function breakDriver(driver: Driver, broken: readonly Variant[]): Driver {
  const commits = new Map<string, Commit>()
  if (broken.includes('dual-write')) commits.set('payments', dualWrite)
  if (broken.includes('early-answers')) commits.set('reviews', answerEarly)
  if (broken.includes('checkpoint-first')) commits.set(observerName, checkpointFirst)
  if (broken.includes('forgets-deferred')) commits.set(observerName, forgetDeferred)
  const others = broken.includes('ignores-moves') ? ignoreMoves : undefined
  if (commits.size === 0 && others === undefined) return driver
  return {
    ...driver,
    open: async (environment) => {
      const engine = await driver.open(environment)
      const openStore = async (service: string): Promise<Store> => {
        const store = await engine.openStore(service)
        const commit = commits.get(service) ?? others
        return commit === undefined ? store : overlay(store, { commit: (unit) => commit(store, unit) })
      }
      return overlay(engine, { openStore })
    },
  }
}

// A proxy, not a copy: the target may be a class instance, whose methods need it as `this`.
function overlay<T extends object>(target: T, own: Partial<T>): T {
  return new Proxy(target, {
    get: (inner, name) => (Object.hasOwn(own, name) ? own[name as keyof T] : Reflect.get(inner, name, inner)),
  })
}

const nothing = { checks: [], rows: [], appends: [], events: [] }

const dualWrite: Commit = async (store, unit) => {
  const written = await store.commit({ ...unit, events: [] })
  if (!written.committed || unit.events.length === 0) return written
  return store.commit({ ...nothing, events: unit.events })
}

// Long enough for a process to die meanwhile.
const lateMs = 40

const checkpointFirst: Commit = async (store, unit) => {
  const checkpoints = unit.rows.filter(({ table }) => table === 'tidings.progress')
  if (checkpoints.length === 0) return store.commit(unit)
  const rest = unit.rows.filter(({ table }) => table !== 'tidings.progress')
  const moved = await store.commit({ ...unit, rows: checkpoints })
  if (!moved.committed || rest.length === 0) return moved
  await pause(lateMs)
  await store.commit({ ...nothing, rows: rest })
  return moved
}

const answerEarly: Commit = async (store, unit) => {
  if (unit.events.length === 0) return store.commit(unit)
  const { head } = await store.readEventLog({ after: '', limit: 1 })
  setTimeout(() => void store.commit(unit).catch(() => {}), lateMs)
  return { committed: true, revision: 1, eventLogHead: head, factsHead: '' }
}

// As long as the process lives it still knows what it has begun, so it dies right after it has forgotten something.
const forgetDeferred: Commit = async (store, unit) => {
  const isForgotten = ({ table, row }: RowWrite) => table === 'tidings.held' && row !== null
  const result = await store.commit({ ...unit, rows: unit.rows.filter((write) => !isForgotten(write)) })
  if (result.committed && unit.rows.some(isForgotten)) process.kill(process.pid, 'SIGKILL')
  return result
}

const ignoreMoves: Commit = async (store, unit) => {
  try {
    return await store.commit(unit)
  } catch (error) {
    if (!isTidingsError(error, 'STORE_UNAVAILABLE')) throw error
    return { committed: true, revision: 1, eventLogHead: '', factsHead: '' }
  }
}
