// Shows the progress of a run on a screen that is redrawn in place; without a terminal, it prints a line from time to time.
import { count, duration, type Terminal } from '../run/terminal.ts'
import type { Progress } from './run-rig.ts'

/** Without a terminal, one line for so many updates. */
const updatesPerLine = 10

/** Shows the progress of a run. */
export class LiveScreen {
  readonly #terminal: Terminal
  readonly #title: string
  #updates = 0
  #drawn = 0

  constructor(terminal: Terminal, title: string) {
    this.#terminal = terminal
    this.#title = title
  }

  show(progress: Progress): void {
    if (this.#terminal.isTTY !== true) {
      if (this.#updates++ % updatesPerLine === 0) this.#terminal.write(`${lineOf(progress)}\n`)
      return
    }
    const lines = [this.#title, ...linesOf(progress)]
    this.#terminal.write(`${this.#up()}${lines.map((line) => `\u001B[2K${line}\n`).join('')}`)
    this.#drawn = lines.length
  }

  #up(): string {
    return this.#drawn === 0 ? '' : `\u001B[${this.#drawn}A`
  }
}

function lineOf({ phase, elapsedMs, sent, answered, up, crashes, faults, missing }: Progress): string {
  return `  ${duration(elapsedMs)}: ${phase}; ${up} services up, ${answered} of ${sent} commands answered, ${crashes.length} crashes (${missing.length} points and kinds of faults left), ${faults.kills} kills, ${faults.stops} stops`
}

function linesOf({
  phase,
  elapsedMs,
  sent,
  answered,
  performed,
  up,
  crashes,
  faults,
  missing,
}: Progress): readonly string[] {
  const { kills, stops, storms, starvations, together, whole, loops, hangs, moves } = faults
  return [
    `  ${duration(elapsedMs)}: ${phase}`,
    `  services up    ${up}`,
    `  commands       ${count(sent)} sent, ${count(answered)} answered`,
    `  effects        ${count(performed)} performed`,
    `  crash points   ${count(crashes.length)} crashes, ${missing.length} points and kinds of faults left`,
    `  faults         ${kills} kills, ${stops} stops, ${storms} storms, ${starvations} starvations, ${together} of all services, ${whole} of the supervisor, ${loops} loops, ${hangs} hangs, ${moves} moves of the stores`,
  ]
}
