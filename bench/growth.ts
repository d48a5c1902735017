// `npm run bench -- --growth`: whether anything becomes slower or larger as a history grows. One process grows its history and measures at each
// size. Prints a table, and with `write` draws docs/growth.svg and puts the table into docs/benchmarks.md.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { betweenMarks } from './harness/document.ts'
import { makeFolder, removeFolder } from './harness/folders.ts'
import { growthPlot } from './harness/growth-plot.ts'
import type { GrowthSample } from './harness/growth-process.ts'
import { measuredWith } from './harness/machine.ts'
import { shown } from './harness/table.ts'

const docs = path.join(import.meta.dirname, '..', 'docs')
const picture = 'growth.svg'

interface Series {
  readonly title: string
  readonly unit: string
  readonly of: (sample: GrowthSample) => number
}

const series: readonly Series[] = [
  { title: 'a command', unit: 'CPU µs', of: ({ commandMicros }) => commandMicros },
  { title: 'a delivery', unit: 'CPU µs', of: ({ deliveryMicros }) => deliveryMicros },
  { title: 'append and projection', unit: 'CPU µs', of: ({ appendMicros }) => appendMicros },
  { title: 'rebuild, an event', unit: 'CPU µs', of: ({ rebuildMicros }) => rebuildMicros },
  { title: 'start-up', unit: 'CPU ms', of: ({ startMillis }) => startMillis },
  { title: 'why', unit: 'CPU µs', of: ({ whyMicros }) => whyMicros },
  { title: 'memory', unit: 'MiB', of: ({ memoryBytes }) => memoryBytes / 1_048_576 },
]

/** The sizes up to the largest: 1, 3, 10, 30 … times 10,000. */
export function sizesUpTo(largest: number): readonly number[] {
  const sizes: number[] = []
  for (let decade = 10_000; decade <= largest; decade *= 10)
    sizes.push(...[decade, 3 * decade].filter((size) => size <= largest))
  return sizes
}

/** Measures and prints. */
export async function measureGrowth({
  eventCount,
  write,
}: {
  readonly eventCount: number
  readonly write: boolean
}): Promise<void> {
  const folder = makeFolder()
  const { date, node, machine, load } = measuredWith(1)
  const file = new URL('harness/growth-process.ts', import.meta.url)
  const sizes = sizesUpTo(eventCount)
  const child = fork(file, [folder, sizes.join(',')], { execArgv: ['--expose-gc'] })
  const samples: GrowthSample[] = []
  console.log(`${date}, Node ${node}, ${machine}, load ${load.toFixed(1)} at the start\n`)
  for (const text of tableHead()) console.log(text)
  child.on('message', (sample: GrowthSample) => {
    samples.push(sample)
    console.log(tableLine(sample))
  })
  const [code] = await once(child, 'exit')
  removeFolder(folder)
  if (code !== 0) throw new Error(`The measured process exited with ${code}.`)
  console.log(growthLine(samples))
  if (!write) return
  const caption = `Events in the history. ${date}, Node ${node}, ${machine}.`
  const plotted = series.map(({ of, ...rest }) => ({
    ...rest,
    points: samples.map((sample) => ({ events: sample.events, figure: of(sample) })),
  }))
  writeFileSync(path.join(docs, picture), growthPlot(plotted, caption))
  const document = path.join(docs, 'benchmarks.md')
  const lines = [
    `${date}, Node ${node}, ${machine}, load ${load.toFixed(1)} at the start.`,
    '',
    `![Seven plots over the number of events](${picture})`,
    '',
    ...tableHead(),
    ...samples.map(tableLine),
    growthLine(samples),
  ]
  writeFileSync(document, betweenMarks(readFileSync(document, 'utf8'), 'growth', lines))
}

const tableHead = () => [
  `| events | ${series.map(({ title, unit }) => `${title}, ${unit}`).join(' | ')} |`,
  `| ---: | ${series.map(() => '---:').join(' | ')} |`,
]

const tableLine = (sample: GrowthSample) =>
  `| ${[sample.events.toLocaleString('en'), ...series.map(({ of }) => shown(of(sample)))].join(' | ')} |`

/** The last figures as multiples of the first. */
function growthLine(samples: readonly GrowthSample[]): string {
  const [first, last] = [samples[0], samples.at(-1)]
  if (first === undefined || last === undefined) return ''
  return `| last ÷ first | ${series.map(({ of }) => `${(of(last) / of(first)).toFixed(2)} ×`).join(' | ')} |`
}
