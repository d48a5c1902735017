// A clock that follows a log: it stands at the time of the line that is being imported, and is kept in a file. Invariant: it never goes
// back, and it is moved on only when everything that happened before has settled.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A clock that is moved by hand. */
export interface LogClock {
  now(): number
  /** Moves it on and keeps where it stands; a moment that has passed changes nothing. */
  moveTo(ms: number): Promise<void>
}

/** Opens the clock of a folder; a new one stands at `startMs`, in milliseconds since 1970. */
export async function openLogClock(folder: string, startMs: number): Promise<LogClock> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, 'log-clock.json')
  let now = (await readClock(path)) ?? startMs
  return {
    now: () => now,
    moveTo: async (ms) => {
      if (ms <= now) return
      // Kept before it is shown: whoever is killed in between finds it where it was about to stand.
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
  throw new Error(`${path} does not hold the time of a log. Delete the folder it is in and import again.`)
}
