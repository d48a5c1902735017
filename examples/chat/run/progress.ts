// The progress of an import, on one line that is redrawn in place; without a terminal, only the end is written.

const showEveryMs = 100
const barColumns = 24

/** Writes a line. */
export function writeLine(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** The line of an import. */
export class Progress {
  readonly #total: number
  readonly #startedAt = performance.now()
  #shownAt = 0
  #done = 0

  constructor(total: number) {
    this.#total = total
  }

  /** Shows the number of imported lines and the log's time. */
  show(done: number, logTime: number): void {
    this.#done = done
    const now = performance.now()
    if (process.stdout.isTTY !== true || now - this.#shownAt < showEveryMs) return
    this.#shownAt = now
    const filled = Math.floor((done / Math.max(1, this.#total)) * barColumns)
    const bar = `${'█'.repeat(filled)}${'░'.repeat(barColumns - filled)}`
    const time = new Date(logTime).toISOString().slice(0, 16).replace('T', ' ')
    process.stdout.write(`\r\u001B[2K  import  ${bar}  ${done} of ${this.#total} lines  ${time}`)
  }

  end(): void {
    if (process.stdout.isTTY === true) process.stdout.write('\r\u001B[2K')
    const seconds = ((performance.now() - this.#startedAt) / 1_000).toFixed(1)
    writeLine(`  import    ${this.#done} of ${this.#total} lines in ${seconds} s`)
  }
}
