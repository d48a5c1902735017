// Temporary folders on the real disk, inside the repository: the system's temporary folder may be in memory, where an fsync costs nothing.

import { mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import path from 'node:path'

const base = path.join(import.meta.dirname, '..', '.tidings')

/** File systems in memory, by the type that `statfs` gives on Linux: tmpfs and ramfs. */
const inMemory = [0x01021994, 0x858458f6]

/** Makes an empty folder. Throws if it would be in memory. */
export function makeFolder(): string {
  mkdirSync(base, { recursive: true })
  if (inMemory.includes(statfsSync(base).type))
    throw new Error(`${base} is on a file system in memory, where fsync cannot be measured.`)
  return mkdtempSync(path.join(base, 'bench-'))
}

/** Removes a folder and everything in it. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}
