// The main thread's end of the connection to the thread that answers probes. Invariant: a thread that has ended answers nothing, and nobody waits for it.

import type { Worker } from 'node:worker_threads'
import { describeThrown } from 'tidings/errors'
import type { FromHealthThread, ToHealthThread } from './health-messages.ts'
import { cannotAnswerProbes, type HealthOptions } from './health-options.ts'

/** Probes that are answered. */
export interface AnsweredProbes {
  readonly port: number
  /** From now on, the process is not live: its data are damaged. */
  noteDamage(): void
  /** Answers no more. */
  stop(): Promise<void>
}

/** What is missing for the process to be ready; nothing if it is. */
export type AskMissing = () => Promise<readonly string[]>

type Send = (message: ToHealthThread) => void

/** The connection to the thread. */
export class HealthChannel {
  readonly #thread: Worker
  readonly #send: Send
  readonly #systems = new Map<number, (message: FromHealthThread) => void>()
  #count = 0
  #ended: Error | undefined

  /** @param send - sends a message to the thread. */
  constructor(thread: Worker, send: Send) {
    this.#thread = thread
    this.#send = send
    thread.on('error', (error) => this.#end(error))
    thread.on('exit', () => this.#end(new Error('its thread has ended')))
  }

  receive(message: FromHealthThread): void {
    this.#systems.get(message.of)?.(message)
  }

  /** Has the thread answer probes. Throws `CONFIG_INVALID`. */
  async answerProbes(where: Required<HealthOptions>, missing: AskMissing): Promise<AnsweredProbes> {
    const of = ++this.#count
    const first = await this.#ask(of, { of, kind: 'answer-probes', where })
    if (first.kind !== 'listening') {
      this.#systems.delete(of)
      const { code, reason } = first.kind === 'not-listening' ? first : { code: '', reason: this.#reason }
      throw cannotAnswerProbes(where, code, reason)
    }
    this.#systems.set(of, (message) => {
      if (message.kind === 'ask-missing') void this.#answer(of, message.id, missing)
    })
    let stopping: Promise<unknown> | undefined
    return {
      port: first.port,
      noteDamage: () => this.#send({ of, kind: 'damaged' }),
      stop: async () => {
        stopping ??= this.#ask(of, { of, kind: 'stop-answering' })
        await stopping
        this.#systems.delete(of)
      },
    }
  }

  async #answer(of: number, id: number, missing: AskMissing): Promise<void> {
    // What cannot be asked is not ready.
    const answer = await missing().catch(() => ['failed'])
    this.#send({ of, kind: 'missing', id, missing: answer })
  }

  // The process goes on while it waits for the thread.
  async #ask(of: number, question: ToHealthThread): Promise<FromHealthThread> {
    if (this.#ended !== undefined) return { of, kind: 'stopped' }
    this.#thread.ref()
    try {
      return await new Promise((resolve) => {
        this.#systems.set(of, (message) => {
          if (message.kind !== 'ask-missing') resolve(message)
        })
        this.#send(question)
      })
    } finally {
      this.#thread.unref()
    }
  }

  get #reason(): string {
    return this.#ended === undefined ? 'it was stopped' : describeThrown(this.#ended).message
  }

  #end(error: Error): void {
    this.#ended ??= error
    for (const [of, receive] of this.#systems) receive({ of, kind: 'stopped' })
  }
}
