// A clock that follows a log: it shows the time of the line that is being imported, and is stored in a file. Invariant: it never goes
// backwards, and it advances only when everything before has settled.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A clock that is moved by the importer. */
export interface LogClock {
  now(): number
  /** Moves the clock forward and stores its time; an earlier moment changes nothing. */
  moveTo(ms: number): Promise<void>
}

/** Opens the clock of a folder; a new one begins at `startMs`, in milliseconds since 1970. */
export async function openLogClock(folder: string, startMs: number): Promise<LogClock> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, 'log-clock.json')
  let now = (await readClock(path)) ?? startMs
  return {
    now: () => now,
    moveTo: async (ms) => {
      if (ms <= now) return
      // Stored first: if the process is killed before the next line, the next run begins at the new time.
      await writeFile(`${path}.new`, JSON.stringify({ now: ms }))
      await rename(`${path}.new`, path)
      now = ms
    },
  }
}

async function readClock(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const { now } = JSON.parse(text) as { now?: unknown }
  if (typeof now === 'number' && Number.isSafeInteger(now)) return now
  throw new Error(`${path} does not contain the time of a log. Delete its folder and import again.`)
}
