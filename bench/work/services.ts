// 1, 10, 50 and 200 services in one process, each with its own store. Every round starts a process for each number, in an empty folder. There
// is no yardstick; the largest number has absolute limits.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { removeFolder } from '../harness/folders.ts'
import type { ServicesFigures } from '../harness/services-process.ts'
import type { Contender, Measured, Place, Row, SeveralFigures } from '../work.ts'

const counts = [1, 10, 50, 200] as const

/** The throughput of the largest number is compared with that of this one. */
const usualCount = 10

const durability = 'process-crash'

async function measure(place: Place, count: number): Promise<ServicesFigures> {
  mkdirSync(place.folder)
  const file = new URL('../harness/services-process.ts', import.meta.url)
  const child = fork(file, [JSON.stringify({ place, count })], { execArgv: [] })
  const ended = once(child, 'exit')
  const gone = ended.then(([code]) =>
    Promise.reject(new Error(`The process with ${count} services exited with ${code}.`)),
  )
  const [figures] = (await Promise.race([once(child, 'message'), gone])) as [ServicesFigures]
  await ended
  removeFolder(place.folder)
  return figures
}

const tidings: Contender = async (place) => ({
  round: async () => {
    const all = new Map<number, ServicesFigures>()
    for (const count of counts)
      all.set(count, await measure({ ...place, folder: path.join(place.folder, String(count)) }, count))
    const usual = all.get(usualCount)?.perSecond ?? Number.NaN
    return [...all].flatMap(([count, figures]): Measured[] => [
      { figure: figures.startMs },
      { figure: figures.filesEach ?? Number.NaN },
      { figure: figures.residentBytes / 1_048_576 },
      { figure: figures.idlePercent },
      { figure: figures.perSecond, cpuMicros: figures.cpuMicros },
      ...(count > usualCount ? [{ figure: figures.perSecond / usual }] : []),
    ])
  },
  close: () => undefined,
})

function rowsFor(count: number): readonly Row[] {
  const limits = count === Math.max(...counts)
  const row = (what: string, unit: Row['unit'], bound?: number): Row => ({
    work: `${count} ${count === 1 ? 'service' : 'services'}: ${what}`,
    durability,
    unit,
    marks: {},
    ...(limits && bound !== undefined ? { bound } : {}),
  })
  return [
    row('start', 'ms', 300),
    row('open files of one', 'files', 5),
    row('memory', 'MiB'),
    row('idle', '% of a core', 1),
    row('command and its event', 'commands/s'),
    ...(count > usualCount ? [row(`the same, beside ${usualCount} services`, '× of 10', 0.8)] : []),
  ]
}

/** The rows. */
export const services: SeveralFigures = {
  about:
    'Services in one process, each with its own store: a command of each publishes an event that the next one hears. Start: until a command of the last one is answered.',
  durability,
  onOneCore: false,
  turns: 3,
  firstCounts: true,
  rows: counts.flatMap(rowsFor),
  tidings,
}
