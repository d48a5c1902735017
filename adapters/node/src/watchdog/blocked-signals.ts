// Signals that a program listens to, and that would go unheard while its main thread is blocked: then they get back their default action, which
// ends the process. Invariant: each listener is there exactly while the main thread can hear it.

type Listener = (...values: unknown[]) => void

/** Takes the listeners of signals away, and puts them back. */
export class BlockedSignals {
  readonly #signals: readonly NodeJS.Signals[]
  #taken: readonly { readonly signal: NodeJS.Signals; readonly listener: Listener }[] = []

  constructor(signals: readonly NodeJS.Signals[]) {
    this.#signals = signals
  }

  /** From now on, each of the signals ends the process at once. */
  letThemEnd(): void {
    const taken = this.#signals.flatMap((signal) =>
      process.rawListeners(signal).map((listener) => ({ signal, listener: listener as Listener })),
    )
    for (const { signal, listener } of taken) process.off(signal, listener)
    this.#taken = [...this.#taken, ...taken]
  }

  /** From now on, the program hears of the signals again. */
  listen(): void {
    if (this.#taken.length === 0) return
    const taken = this.#taken
    this.#taken = []
    for (const { signal, listener } of taken) process.on(signal, listener)
  }
}
