// Reads the days of a folder of IRC logs, one file for each day. A line that cannot be imported is rejected, and reading continues; only a
// wrong folder or file stops the import.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dayClock } from './day-clock.ts'
import { FolderError } from './folder-error.ts'
import { type LogLine, parseLine } from './log-line.ts'

/** A line that was not imported, and the reason. */
export interface RejectedLine {
  readonly file: string
  /** The number of the line, counted from 0. */
  readonly line: number
  readonly reason: string
}

/** One day of a channel. */
export interface ChatDay {
  /** The day, such as `2010-08-17`, from the name of the file. */
  readonly day: string
  readonly file: string
  /** The lines in the order of the file. */
  readonly lines: readonly LogLine[]
  /** The lines that could not be imported, in the order of the file. */
  readonly rejected: readonly RejectedLine[]
}

const suffix = '.raw.txt'
const hint =
  'Give the folder of the IRC logs: one file for each day, with a name that begins with the day, such as 2010-08-17_18.raw.txt.'

/** Reads one file of a folder. Throws `FolderError` if its name has no day, or if it cannot be read. */
export async function readDay(folder: string, file: string): Promise<ChatDay> {
  const day = dayOf(file)
  if (day === undefined) throw new FolderError(`The name of ${join(folder, file)} does not begin with a day.`, hint)
  return { day, file, ...readLines(day, file, await readBytes(join(folder, file))) }
}

/** Reads every day of a folder, in the order of the days. Throws `FolderError` if there is no log, or if a day has two. */
export async function readDays(folder: string): Promise<readonly ChatDay[]> {
  const days: ChatDay[] = []
  for (const file of await listLogs(folder)) {
    const read = await readDay(folder, file)
    const twin = days.find(({ day }) => day === read.day)
    if (twin !== undefined) {
      throw new FolderError(
        `${folder} has two logs of ${read.day}: ${twin.file} and ${file}.`,
        'Give one file for each day.',
      )
    }
    days.push(read)
  }
  return days
}

async function listLogs(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new FolderError(`The folder ${folder} cannot be read.`, hint, { cause })
  })
  const logs = names.filter((name) => name.endsWith(suffix)).sort()
  if (logs.length === 0) throw new FolderError(`The folder ${folder} has no file *${suffix}.`, hint)
  return logs
}

async function readBytes(path: string): Promise<Uint8Array> {
  return readFile(path).catch((cause: unknown) => {
    throw new FolderError(`The file ${path} cannot be read.`, hint, { cause })
  })
}

/** The day in the name of a log, such as `2010-08-17` in `2010-08-17_18.raw.txt`, if there is one. */
export function dayOf(file: string): string | undefined {
  const [, day] = /^(\d{4}-\d{2}-\d{2})(?!\d).*\.raw\.txt$/s.exec(file) ?? []
  if (day === undefined) return undefined
  const moment = Date.parse(`${day}T00:00:00.000Z`)
  return !Number.isNaN(moment) && new Date(moment).toISOString().startsWith(day) ? day : undefined
}

function readLines(day: string, file: string, bytes: Uint8Array): Pick<ChatDay, 'lines' | 'rejected'> {
  const clock = dayClock(day)
  const lines: LogLine[] = []
  const rejected: RejectedLine[] = []
  let line = 0
  for (const raw of splitLines(bytes)) {
    const text = decode(raw)
    const parsed = text === undefined ? 'the line is not valid UTF-8' : parseLine(text)
    if (typeof parsed === 'string') rejected.push({ file, line, reason: parsed })
    else lines.push({ line, at: clock.next(parsed.minute), ...parsed.said })
    line++
  }
  return { lines, rejected }
}

const newline = 0x0a
const carriageReturn = 0x0d

// Splits bytes, not text, so that invalid UTF-8 affects its own line only. A newline at the end of the file does not start another line.
function* splitLines(bytes: Uint8Array): Generator<Uint8Array, void> {
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  let start = marked ? 3 : 0
  while (start < bytes.length) {
    const found = bytes.indexOf(newline, start)
    const end = found === -1 ? bytes.length : found
    yield bytes.subarray(start, end > start && bytes[end - 1] === carriageReturn ? end - 1 : end)
    start = end + 1
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decode(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}
