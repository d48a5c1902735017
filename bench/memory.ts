// The memory of a process over millions of events through one subscriber: sampled after a forced full collection, so that what is
// counted is what is held. Flat means that the second half holds no more than the first did at its end.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { makeFolder, removeFolder } from './harness/folders.ts'
import type { Sample } from './harness/memory-process.ts'

/** How the memory is measured. */
export interface MemoryOptions {
  readonly eventCount: number
  readonly json: boolean
}

const mebibytes = (bytes: number): number => Math.round(bytes / 1024 / 102.4) / 10

/** Growth of the held heap over the second half that still counts as flat, in bytes: the noise of a collection, not of a leak. */
const flatBytesMax = 8 * 1024 * 1024

/** Measures and prints. */
export async function measureMemory({ eventCount, json }: MemoryOptions): Promise<void> {
  const folder = makeFolder()
  const file = new URL('harness/memory-process.ts', import.meta.url)
  const child = fork(file, [folder, String(eventCount)], { execArgv: ['--expose-gc'] })
  const samples: Sample[] = []
  if (!json) {
    console.log(
      `Publisher and subscriber in one process, ${eventCount.toLocaleString('en')} events of 300 bytes, commands by the hundred.`,
    )
    console.log('Each sample is taken between two groups of commands, after two forced full collections.\n')
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
  if (code !== 0) throw new Error(`The measured process ended with ${code}.`)
  const half = samples[Math.floor(samples.length / 2)]
  const last = samples.at(-1)
  const grownBytes = (last?.heap ?? 0) + (last?.external ?? 0) - (half?.heap ?? 0) - (half?.external ?? 0)
  const flat = grownBytes <= flatBytesMax
  if (json) console.log(JSON.stringify({ eventCount, flat, grownBytes, samples }, undefined, 2))
  else
    console.log(
      `\nOver the second half the held memory grew by ${mebibytes(grownBytes)} MiB (flat: at most ${mebibytes(flatBytesMax)}): ${flat ? 'met' : 'MISSED'}`,
    )
}
