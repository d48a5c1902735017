// Output for a terminal of 80 columns: colours if they are wanted, numbers, durations, and a progress bar that is redrawn in place.
import { styleText } from 'node:util'

/** A stream that text is written to. */
export interface Terminal {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** Colours text if standard output is a terminal with colours. */
export const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
  styleText(style, text, { stream: process.stdout })

/** A number with commas between its thousands: `12,345`. */
export const count = (value: number): string => Math.round(value).toLocaleString('en-US')

/** A duration as text: `850 ms`, `12.3 s`, `4 min 10 s`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1_000)} s`
}

const barColumns = 24

/** A bar such as `████████▌               `. */
export function bar(share: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * barColumns * 8)
  const rest = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8] ?? ''
  return ('█'.repeat(Math.floor(eighths / 8)) + rest).padEnd(barColumns)
}

/** A line that is redrawn in place on a terminal; elsewhere only its last text is written. */
export class LiveLine {
  readonly #terminal: Terminal
  #shown = false

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  show(text: string): void {
    if (this.#terminal.isTTY !== true) return
    this.#terminal.write(`${this.#shown ? '\r\u001B[2K' : ''}${text}`)
    this.#shown = true
  }

  /** Ends the line with its last text. */
  end(text: string): void {
    this.#terminal.write(`${this.#shown ? '\r\u001B[2K' : ''}${text}\n`)
    this.#shown = false
  }
}
