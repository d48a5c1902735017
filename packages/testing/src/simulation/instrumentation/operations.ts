// The operations of a function besides writing rows, counted while it runs: events published, effects requested, timers set.

/** An operation on a timer; `order` counts up over a run of the simulator, so that the operations of one unit of work keep their sequence. */
export interface TimerOperation {
  readonly order: number
  readonly timer: string
  readonly key: string
  /** `repeated`: set to fire repeatedly. */
  readonly operation: 'set' | 'repeated' | 'cancelled' | 'fired'
}

/** The operations of one function call. */
export interface Operations {
  /** The conversation that it belongs to. */
  readonly conversation: string
  /** How many events were published. */
  readonly published: number
  /** The idempotency keys of the effects that were requested. */
  readonly requested: readonly string[]
  readonly timers: readonly TimerOperation[]
}

/** Operations while they are counted. */
export interface CountedOperations extends Operations {
  published: number
  readonly requested: string[]
  readonly timers: TimerOperation[]
}

/** Starts counting, from no operations or from those that have happened already. */
export function countOperations(conversation: string, timers: readonly TimerOperation[] = []): CountedOperations {
  return { conversation, published: 0, requested: [], timers: [...timers] }
}

type Call = (...parameters: unknown[]) => unknown

/** The timers of a context, by name: the methods of each. */
export type Timers = Readonly<Record<string, Readonly<Record<string, Call>>>>

const operationOf: Readonly<Record<string, TimerOperation['operation']>> = {
  after: 'set',
  at: 'set',
  every: 'repeated',
  cancel: 'cancelled',
}

/** A function's context that counts what the function does with it. */
export function countingContext<C extends object>(
  context: C,
  operations: CountedOperations,
  counts: { operations: number },
): C {
  // The first parameter of a service's timer is its key.
  const noteTimer = (timer: string, method: string, [key]: readonly unknown[]) => {
    const operation = operationOf[method]
    if (operation !== undefined)
      operations.timers.push({ order: counts.operations++, timer, key: key as string, operation })
  }
  return new Proxy(context, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name)
      if (name === 'timers') return watchedTimers(member as Timers, noteTimer)
      if ((name !== 'publish' && name !== 'retract' && name !== 'request') || typeof member !== 'function')
        return member
      return (...parameters: unknown[]) => {
        const answer: unknown = member.apply(target, parameters)
        if (name === 'request') operations.requested.push(answer as string)
        else operations.published++
        return answer
      }
    },
  })
}

/** Timers of a context that report each call after it was made: `after`, `at`, `every`, `cancel`, `get`. */
export function watchedTimers(
  timers: Timers,
  onCall: (timer: string, method: string, parameters: readonly unknown[]) => void,
): Timers {
  return new Proxy(timers, {
    get: (target, timer) => {
      const methods = Reflect.get(target, timer) as Readonly<Record<string, Call>> | undefined
      if (methods === undefined || typeof timer !== 'string') return methods
      const watched =
        (method: string, call: Call) =>
        (...parameters: unknown[]) => {
          const answer = call(...parameters)
          onCall(timer, method, parameters)
          return answer
        }
      return Object.fromEntries(Object.entries(methods).map(([method, call]) => [method, watched(method, call)]))
    },
  })
}
