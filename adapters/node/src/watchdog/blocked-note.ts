// What a watchdog leaves behind for others to read: `<data>/run/<service>.blocked`. While the main thread is blocked, `tidings status` reads it;
// after the process was ended, the next start reads it and removes it. Invariant: it never holds data of an event or command.

import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { BlockedRun } from 'tidings/runtime'

/** The note of a process whose main thread is blocked, or was when the process was ended. */
export interface BlockedNote extends BlockedRun {
  readonly pid: number
  /** How long it may be blocked, in milliseconds, before the process is ended. */
  readonly blockedMsMax: number
  /** Whether the watchdog has ended the process. */
  readonly ended: boolean
}

const fileOf = (directory: string, service: string) => path.join(directory, 'run', `${service}.blocked`)

/** Writes the note for each service of the process. */
export async function writeBlockedNote(
  directory: string,
  services: readonly string[],
  note: BlockedNote,
): Promise<void> {
  await mkdir(path.join(directory, 'run'), { recursive: true, mode: 0o700 })
  await Promise.all(
    services.map(async (service) => {
      const file = fileOf(directory, service)
      const draft = `${file}.${note.pid}`
      await writeFile(draft, `${JSON.stringify(note)}\n`, { mode: 0o600 })
      await rename(draft, file)
    }),
  )
}

/** The note about a service; `undefined` if there is none. */
export function readBlockedNote(directory: string, service: string): BlockedNote | undefined {
  try {
    const note = JSON.parse(readFileSync(fileOf(directory, service), 'utf8')) as Partial<BlockedNote> | null
    return Number.isSafeInteger(note?.pid) && typeof note?.blockedMs === 'number' ? (note as BlockedNote) : undefined
  } catch {
    return undefined
  }
}

/** Removes the note about a service, if there is one. */
export function removeBlockedNote(directory: string, service: string): void {
  mkdirSync(path.join(directory, 'run'), { recursive: true, mode: 0o700 })
  rmSync(fileOf(directory, service), { force: true })
}
