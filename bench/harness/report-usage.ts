// Loaded before a program (`node --import`): when it ends, writes what it used into the file that BENCH_USAGE names.

import { readFileSync, writeFileSync } from 'node:fs'

/** What a process has used. */
export interface Usage {
  /** User and system time of all threads, in microseconds. */
  readonly cpuMicros: number
  /** Bytes that it had written to the disk, as `/proc/self/io` counts them; `null` where there is no such file. */
  readonly writtenBytes: number | null
}

const file = process.env.BENCH_USAGE
if (file !== undefined)
  process.on('exit', () => {
    const { user, system } = process.cpuUsage()
    const usage: Usage = { cpuMicros: user + system, writtenBytes: writtenBytes() }
    writeFileSync(file, JSON.stringify(usage))
  })

function writtenBytes(): number | null {
  try {
    return Number(/^write_bytes: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1])
  } catch {
    return null
  }
}
