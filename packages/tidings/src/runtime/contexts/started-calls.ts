// The calls that a function has started and has to await: those that do something, or that it waits for.
// Invariant: whether a call was awaited does not depend on timing. A call that nobody asked for its result was forgotten, even if it ended.

import { TidingsError } from '../../errors/index.ts'

/** A promise that knows whether anybody has asked for its result. */
class AwaitedPromise<T> extends Promise<T> {
  // What `then` returns is a plain promise.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  awaited = false

  // biome-ignore lint/suspicious/noThenProperty: `await` calls it, and that is what has to be noticed
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.awaited = true
    return super.then(onFulfilled, onRejected)
  }
}

interface Call {
  readonly what: string
  readonly promise: AwaitedPromise<unknown>
  running: boolean
  /** Whether the call does something, so that its work is lost if it is still running when the function has ended. */
  readonly works: boolean
}

/** The calls of one function. */
export class StartedCalls {
  #calls: Call[] | undefined

  /** Notes a call; the function has to await what this returns. */
  start<T>(what: string, work: Promise<T>, works: boolean): Promise<T> {
    const promise = new AwaitedPromise<T>((resolve) => resolve(work))
    const call: Call = { what, promise, running: true, works }
    const end = () => {
      call.running = false
    }
    // It also keeps a call that fails unnoticed from ending the process: the function fails instead, and names it.
    work.then(end, end)
    void Promise.prototype.then.call(promise, undefined, () => {})
    this.#calls ??= []
    this.#calls.push(call)
    return promise
  }

  /** Throws `NOT_AWAITED` if the function, which has returned, has not awaited a call. */
  assertAwaited(by: string): void {
    for (const { what, promise, running, works } of this.#calls ?? []) {
      if (promise.awaited && !(running && works)) continue
      throw new TidingsError('NOT_AWAITED', `${by} returned without awaiting ${what}; nothing of it was committed.`, {
        details: { call: what },
        hint: `Write \`await ${what}\`, or return its promise.`,
      })
    }
  }
}
