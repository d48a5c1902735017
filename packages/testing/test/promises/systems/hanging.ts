// Handlers that hang: what a test decides about when they end.

import type { Letter } from './letters.ts'

/** Letters that hang until they are let go. */
export class Hanging {
  readonly begun: string[] = []
  readonly #waiting = new Map<string, () => void>()
  readonly #hangs: (letter: Letter) => boolean
  #isOver = false

  constructor(hangs: (letter: Letter) => boolean) {
    this.#hangs = hangs
  }

  wait(letter: Letter): Promise<void> | undefined {
    const name = `${letter.to}${letter.number}`
    this.begun.push(name)
    if (this.#isOver || !this.#hangs(letter)) return undefined
    return new Promise((resolve) => {
      this.#waiting.set(name, resolve)
    })
  }

  /** Lets those go that hang now. */
  letGo(): void {
    for (const resolve of this.#waiting.values()) resolve()
    this.#waiting.clear()
  }

  /** Keeps those back that hang now; returns what lets them go. */
  take(): () => void {
    const taken = [...this.#waiting.values()]
    this.#waiting.clear()
    return () => {
      for (const resolve of taken) resolve()
    }
  }

  /** From now on nothing hangs. */
  end(): void {
    this.#isOver = true
    this.letGo()
  }
}
