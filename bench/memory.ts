// Measures the memory of a process while one subscriber handles millions of events. Samples are taken after forced full collections, so they
// count only what is in use. Flat means that memory does not grow in the second half.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { makeFolder, removeFolder } from './harness/folders.ts'
import type { Sample } from './harness/memory-process.ts'

/** Options of the measurement. */
export interface MemoryOptions {
  readonly eventCount: number
  readonly json: boolean
}

const mebibytes = (bytes: number): number => Math.round(bytes / 1024 / 102.4) / 10

/** Growth of memory over the second half that still counts as flat, in bytes: the noise of collections. */
const flatBytesMax = 8 * 1024 * 1024

/** Measures and prints. */
export async function measureMemory({ eventCount, json }: MemoryOptions): Promise<void> {
  const folder = makeFolder()
  const file = new URL('harness/memory-process.ts', import.meta.url)
  const child = fork(file, [folder, String(eventCount)], { execArgv: ['--expose-gc'] })
  const samples: Sample[] = []
  if (!json) {
    console.log(
      `Publisher and subscriber in one process, ${eventCount.toLocaleString('en')} events of 300 bytes, 100 commands at a time.`,
    )
    console.log('Each sample is taken after two forced full collections.\n')
    console.log(
      '| events handled | heap MiB | external MiB | resident MiB | events/s |\n| ---: | ---: | ---: | ---: | ---: |',
    )
  }
  child.on('message', (sample: Sample) => {
    samples.push(sample)
    if (json) return
    const cells = [
      sample.handled.toLocaleString('en'),
      mebibytes(sample.heap),
      mebibytes(sample.external),
      mebibytes(sample.resident),
    ]
    console.log(`| ${[...cells, Math.round(sample.perSecond).toLocaleString('en')].join(' | ')} |`)
  })
  const [code] = await once(child, 'exit')
  removeFolder(folder)
  if (code !== 0) throw new Error(`The measured process exited with ${code}.`)
  const half = samples[Math.floor(samples.length / 2)]
  const last = samples.at(-1)
  const grownBytes = (last?.heap ?? 0) + (last?.external ?? 0) - (half?.heap ?? 0) - (half?.external ?? 0)
  const flat = grownBytes <= flatBytesMax
  if (json) console.log(JSON.stringify({ eventCount, flat, grownBytes, samples }, undefined, 2))
  else
    console.log(
      `\nMemory grew by ${mebibytes(grownBytes)} MiB in the second half (limit: ${mebibytes(flatBytesMax)} MiB): ${flat ? 'met' : 'MISSED'}`,
    )
}
