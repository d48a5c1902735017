// One screen that says how a run of the rig stands, drawn over itself; where there is no terminal, a line now and then.
import { count, duration, type Terminal } from '../run/terminal.ts'
import type { Look } from './run-rig.ts'

/** Looks between two lines where there is no terminal. */
const linesEvery = 10

/** Draws how a run stands. */
export class LiveScreen {
  readonly #terminal: Terminal
  readonly #title: string
  #looks = 0
  #drawn = 0

  constructor(terminal: Terminal, title: string) {
    this.#terminal = terminal
    this.#title = title
  }

  show(look: Look): void {
    if (this.#terminal.isTTY !== true) {
      if (this.#looks++ % linesEvery === 0) this.#terminal.write(`${lineOf(look)}\n`)
      return
    }
    const lines = [this.#title, ...linesOf(look)]
    this.#terminal.write(`${this.#up()}${lines.map((line) => `\u001B[2K${line}\n`).join('')}`)
    this.#drawn = lines.length
  }

  #up(): string {
    return this.#drawn === 0 ? '' : `\u001B[${this.#drawn}A`
  }
}

function lineOf({ phase, elapsedMs, sent, answered, up, crashes, faults, missing }: Look): string {
  return `  ${duration(elapsedMs)}: ${phase}, ${up} services up, ${answered} of ${sent} commands answered, ${crashes.length} deaths at points (${missing.length} points to go), ${faults.kills} kills, ${faults.stops} stops`
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
}: Look): readonly string[] {
  const { kills, stops, starvations, together, whole } = faults
  return [
    `  ${duration(elapsedMs)}: it ${phase}`,
    `  services up    ${up}`,
    `  commands       ${count(sent)} sent, ${count(answered)} answered`,
    `  effects        ${count(performed)} performed`,
    `  crash points   ${count(crashes.length)} deaths, ${missing.length} points to go`,
    `  faults         ${kills} kills, ${stops} stops, ${starvations} starvations, ${together} of all at once, ${whole} of the whole`,
  ]
}
