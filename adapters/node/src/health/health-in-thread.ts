// The thread's side of health: it sees itself whether the main thread goes on, and asks it whether it is ready. Invariant: readiness is what the main
// thread says at that moment; a main thread that does not answer in time is not ready.

import type { FromHealthThread, ToHealthThread } from './health-messages.ts'
import { answerProbes, type ProbeServer } from './health-server.ts'

/** How long the main thread may take to answer, in milliseconds. */
const answerMsMax = 1_000

/** The health of a system of the process. */
class HealthInThread {
  readonly #of: number
  readonly #isBlocked: () => boolean
  readonly #send: (message: FromHealthThread) => void
  #server: ProbeServer | undefined
  #isDamaged = false
  #answer: (id: number, missing: readonly string[]) => void = () => {}
  #asking: Promise<readonly string[]> | undefined
  #count = 0

  constructor(of: number, isBlocked: () => boolean, send: (message: FromHealthThread) => void) {
    this.#of = of
    this.#isBlocked = isBlocked
    this.#send = send
  }

  receive(message: ToHealthThread): void {
    if (message.kind === 'damaged') this.#isDamaged = true
    else if (message.kind === 'missing') this.#answer(message.id, message.missing)
    else if (message.kind === 'answer-probes') void this.#listen(message.where)
    else void this.#stop()
  }

  async #listen(where: Extract<ToHealthThread, { kind: 'answer-probes' }>['where']): Promise<void> {
    const probes = { notLive: () => this.#notLive(), notReady: () => this.#notReady() }
    try {
      this.#server = await answerProbes(where, probes)
      this.#send({ of: this.#of, kind: 'listening', port: this.#server.port })
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException
      this.#send({ of: this.#of, kind: 'not-listening', code, reason: message })
    }
  }

  async #stop(): Promise<void> {
    await this.#server?.close()
    this.#send({ of: this.#of, kind: 'stopped' })
  }

  #notLive(): readonly string[] {
    return [...(this.#isBlocked() ? ['blocked'] : []), ...(this.#isDamaged ? ['damaged'] : [])]
  }

  // All who ask meanwhile get one answer, so that probes never queue up at a main thread that is busy.
  #notReady(): Promise<readonly string[]> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  #ask(): Promise<readonly string[]> {
    const asked = ++this.#count
    return new Promise((resolve) => {
      const late = setTimeout(resolve, answerMsMax, ['busy'])
      this.#answer = (id, missing) => {
        if (id !== asked) return
        clearTimeout(late)
        resolve([...this.#notLive(), ...missing])
      }
      this.#send({ of: this.#of, kind: 'ask-missing', id: asked })
    })
  }
}

/** The health of all systems of the process. */
export class HealthThread {
  readonly #systems = new Map<number, HealthInThread>()
  readonly #isBlocked: () => boolean
  readonly #send: (message: FromHealthThread) => void

  /** @param isBlocked - whether the main thread is blocked now. */
  constructor(isBlocked: () => boolean, send: (message: FromHealthThread) => void) {
    this.#isBlocked = isBlocked
    this.#send = send
  }

  receive(message: ToHealthThread): void {
    const { of } = message
    const system = this.#systems.get(of) ?? new HealthInThread(of, this.#isBlocked, this.#send)
    this.#systems.set(of, system)
    system.receive(message)
    if (message.kind === 'stop-answering') this.#systems.delete(of)
  }
}
