// Ways to break the shop on purpose, each as real systems are broken: the rig has to find every one.
import type { Service } from 'tidings'
import type { CommitResult, CommitUnit, Driver, Store } from 'tidings/ports'
import { witnessName } from './services.ts'

/** The environment's variable that names a variant. */
export const variantVariable = 'SHOP_RIG_VARIANT'

/** The broken variants, and what each does. */
export const variants = {
  'publishes-twice': 'reviews publishes what it says of a review twice',
  'dual-write': 'payments commits its tables first and its events in a second transaction',
  'early-answers': 'payments answers before it commits',
  'checkpoint-first': 'the witness commits its checkpoint first and its work in a second transaction',
} as const

/** A variant's name. */
export type Variant = keyof typeof variants

/** The service as the variant has it. */
export function breakService(service: Service, variant: string | undefined): Service {
  if (variant !== 'publishes-twice' || service.name !== 'reviews') return service
  return {
    ...service,
    commands: service.commands.map((declaration) => ({
      ...declaration,
      run: (data, context) => declaration.run(data, twice(context as Publishing)),
    })),
  }
}

interface Publishing {
  readonly publish: (...said: readonly unknown[]) => void
}

function twice(context: Publishing): object {
  return new Proxy(context, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target)
      if (name !== 'publish') return value
      return (...said: readonly unknown[]) => {
        for (let count = 0; count < 2; count++) (value as Publishing['publish'])(...said)
      }
    },
  })
}

type Commit = (store: Store, unit: CommitUnit) => Promise<CommitResult>

/** The driver as the variant has it. */
export function breakDriver(driver: Driver, variant: string | undefined): Driver {
  const broken = (service: string): Commit | undefined => {
    if (variant === 'dual-write' && service === 'payments') return dualWrite
    if (variant === 'early-answers' && service === 'payments') return answerEarly
    if (variant === 'checkpoint-first' && service === witnessName) return checkpointFirst
    return undefined
  }
  return {
    ...driver,
    open: async (environment) => {
      const engine = await driver.open(environment)
      return {
        ...engine,
        openStore: async (service) => {
          const store = await engine.openStore(service)
          const commit = broken(service)
          return commit === undefined ? store : { ...store, commit: (unit) => commit(store, unit) }
        },
      }
    },
  }
}

const nothing = { checks: [], rows: [], appends: [], events: [] }

const dualWrite: Commit = async (store, unit) => {
  const written = await store.commit({ ...unit, events: [] })
  if (!written.committed || unit.events.length === 0) return written
  return store.commit({ ...nothing, events: unit.events })
}

const checkpointFirst: Commit = async (store, unit) => {
  const checkpoints = unit.rows.filter(({ table }) => table === 'tidings.progress')
  const rest = unit.rows.filter(({ table }) => table !== 'tidings.progress')
  const moved = await store.commit({ ...unit, rows: checkpoints })
  if (!moved.committed || rest.length === 0) return moved
  await store.commit({ ...nothing, rows: rest })
  return moved
}

const lateMs = 40

const answerEarly: Commit = async (store, unit) => {
  if (unit.events.length === 0) return store.commit(unit)
  const { head } = await store.readLog({ after: '', limit: 1 })
  setTimeout(() => void store.commit(unit).catch(() => {}), lateMs)
  return { committed: true, revision: 1, logHead: head, factsHead: '' }
}
