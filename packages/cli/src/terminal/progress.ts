// Progress of long work on stderr: a bar in a terminal, a line every ten percent elsewhere, nothing with `--json`.

import { safeText } from '@tidings/node/output'
import type { Terminal } from './terminal.ts'
import { countText } from './time-text.ts'

/** How much is done, and of how much. */
export interface Progress {
  readonly done: number
  readonly total: number
}

/** How progress is shown. */
export interface ProgressOptions {
  readonly terminal: Terminal
  /** What is being done: `Rebuilding months of insights`. */
  readonly title: string
  /** What is counted: `events`. */
  readonly unit: string
  /** Shows nothing. */
  readonly quiet: boolean
}

const barSteps = 1_000
/** In columns: the widest bar, the narrowest bar, and the room for the amounts after the title. */
const barMax = 30
const barMin = 8
const amountsRoom = 36
const lineEveryPercent = 10

/** Runs work that reports its progress. The bar disappears when the work ends; if it fails, a line stays. */
export async function withProgress<T>(
  options: ProgressOptions,
  work: (report: (progress: Progress) => void) => Promise<T>,
): Promise<T> {
  const { terminal, title, quiet } = options
  if (quiet) return work(() => {})
  return terminal.showsProgress ? withBar(options, work) : withLines(terminal, title, options.unit, work)
}

async function withBar<T>(
  { terminal, title, unit }: ProgressOptions,
  work: (report: (progress: Progress) => void) => Promise<T>,
): Promise<T> {
  const shown = safeText(title)
  const size = Math.max(barMin, Math.min(barMax, terminal.noteWidth - shown.length - amountsRoom))
  const { progress } = await import('@clack/prompts')
  const bar = progress({ max: barSteps, size, style: 'heavy', output: process.stderr, withGuide: false })
  bar.start(shown)
  let steps = 0
  try {
    const result = await work(({ done, total }) => {
      if (total === 0) return
      const now = Math.min(barSteps, Math.floor((done / total) * barSteps))
      bar.advance(Math.max(0, now - steps), `${shown}  ${amounts({ done, total }, unit)}`)
      steps = Math.max(steps, now)
    })
    bar.clear()
    return result
  } catch (error) {
    bar.error(shown)
    throw error
  }
}

async function withLines<T>(
  terminal: Terminal,
  title: string,
  unit: string,
  work: (report: (progress: Progress) => void) => Promise<T>,
): Promise<T> {
  let shown = 0
  return work(({ done, total }) => {
    const percent = total === 0 ? 0 : Math.floor((done / total) * 100)
    if (total === 0 || percent < shown + lineEveryPercent) return
    shown = percent - (percent % lineEveryPercent)
    terminal.note(`${title}  ${percent} %  ${amounts({ done, total }, unit)}`)
  })
}

function amounts({ done, total }: Progress, unit: string): string {
  return `${countText(Math.min(done, total))} of ${countText(total)} ${unit}`
}

/** Shows a spinner while work runs, in a terminal only. */
export async function withSpinner<T>(
  { terminal, title, quiet }: Omit<ProgressOptions, 'unit'>,
  work: () => Promise<T>,
): Promise<T> {
  if (quiet || !terminal.showsProgress) return work()
  const { spinner } = await import('@clack/prompts')
  const turning = spinner({ output: process.stderr, withGuide: false, delay: 80 })
  turning.start(safeText(title))
  try {
    return await work()
  } finally {
    turning.clear()
  }
}
