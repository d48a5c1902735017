// `npm run bench -- --guard`: whether Tidings has become slower. It compares the CPU time of five rows with that of the work by hand, in turns
// and in the same minute, so that the ratio depends on neither the machine nor its load; and it compares the ratio with the committed one.
// Invariant: a ratio that is too low is measured once more, from the start, before it counts.

import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { ContenderProcess } from './harness/contender.ts'
import { inWords, measuredWith } from './harness/machine.ts'
import { median } from './harness/timing.ts'
import type { Options } from './options.ts'
import { rowsOf, usualSizes, type Work } from './work.ts'
import { works } from './works.ts'

/** What the rows are: they use no disk that has to be waited for, and between them most of the hot path. */
const guarded = [
  'append, one caller',
  'read a stream of 100 and fold it',
  'rebuild a projection',
  'command → handler, 100 a batch',
  'process managers',
] as const

/** How far a ratio may be below the committed one. */
const tolerance = 0.15

const warmUpTurns = 2
const turns = 7

const sizes = { ...usualSizes, roundCpuMs: 600 }

/** A ratio: the CPU time by hand as a multiple of Tidings'. */
export interface Ratio {
  readonly work: string
  readonly ratio: number
}

/** The ratios of one row's turns. */
export interface Spread {
  readonly median: number
  readonly lowest: number
  readonly highest: number
}

const file = path.join(import.meta.dirname, 'guard.json')

/** Whether a ratio is too low. */
export const isTooLow = (ratio: number, committed: number): boolean => ratio < committed * (1 - tolerance)

/** Measures, prints, and sets the exit code; with `write`, keeps the ratios instead of comparing them. */
export async function measureGuard({ write, only }: Pick<Options, 'write' | 'only'>): Promise<void> {
  const measured = measuredWith(turns)
  const committed = (JSON.parse(readFileSync(file, 'utf8')) as { readonly ratios: readonly Ratio[] }).ratios
  console.log(`${inWords(measured)}\nCPU time by hand as a multiple of Tidings'; higher is better.\n`)
  console.log(line(['', 'measured', 'lowest', 'highest', 'committed', 'at least']))
  const ratios: Ratio[] = []
  for (const work of guarded.filter((name) => only.every((text) => name.includes(text)))) {
    const before = committed.find((row) => row.work === work)?.ratio
    let spread = await ratioOf(workOf(work))
    if (!write && before !== undefined && isTooLow(spread.median, before)) {
      print(work, spread, before, 'too low, measured again')
      spread = await ratioOf(workOf(work))
    }
    const tooLow = !write && before !== undefined && isTooLow(spread.median, before)
    if (tooLow) process.exitCode = 1
    print(work, spread, before, tooLow ? 'TOO LOW' : '')
    ratios.push({ work, ratio: Math.round(spread.median * 1_000) / 1_000 })
  }
  if (write) writeFileSync(file, `${JSON.stringify({ measured, ratios }, undefined, 2)}\n`)
  else if (process.exitCode === 1)
    console.log(`\nTidings needs more CPU time than before, beside the same work by hand. Profile: --profile DIR.`)
}

/** Runs a row's contenders in turns; who begins changes with each turn. */
async function ratioOf(work: Work): Promise<Spread> {
  const tidings = new ContenderProcess({ work, name: 'tidings', sizes })
  const yardstick = new ContenderProcess({ work, name: 'yardstick', sizes })
  try {
    await tidings.ready()
    await yardstick.ready()
    const ratios: number[] = []
    for (let turn = 0; turn < warmUpTurns + turns; turn++) {
      const first = turn % 2 === 0 ? tidings : yardstick
      const one = await cpuOf(first)
      const other = await cpuOf(first === tidings ? yardstick : tidings)
      if (turn >= warmUpTurns) ratios.push(first === tidings ? other / one : one / other)
    }
    return { median: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) }
  } finally {
    await tidings.close()
    await yardstick.close()
  }
}

async function cpuOf(contender: ContenderProcess): Promise<number> {
  const [first] = await contender.round()
  return first?.cpuMicros ?? Number.NaN
}

function workOf(name: string): Work {
  const named = works.filter((work) => rowsOf(work)[0]?.work === name)
  const work = named.find(({ durability }) => durability === 'process-crash') ?? named[0]
  if (work === undefined) throw new Error(`No work is named ${name}.`)
  return work
}

function print(work: string, { median, lowest, highest }: Spread, before: number | undefined, note: string): void {
  const committed = before === undefined ? ['–', '–'] : [before.toFixed(3), (before * (1 - tolerance)).toFixed(3)]
  console.log(
    `${line([work, median.toFixed(3), lowest.toFixed(3), highest.toFixed(3), ...committed])}  ${note}`.trimEnd(),
  )
}

const line = ([name = '', ...cells]: readonly string[]) =>
  `${name.padEnd(36)}${cells.map((cell) => cell.padStart(10)).join('')}`
