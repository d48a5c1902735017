// Says which file, or which folder on the way to it, this process may not use: SQLite says only that something could not be opened or written.
// Invariant: it only looks, after something has failed, and says nothing that the operating system did not confirm.

import { accessSync, constants, type Stats, statSync } from 'node:fs'
import path from 'node:path'

/** A file or folder that this process may not use. */
export interface Refusal {
  readonly file: string
  /** A sentence with its owner and mode. */
  readonly what: string
  readonly hint: string
}

const { R_OK, W_OK, X_OK } = constants

/** The first thing that keeps this process from using a database; `undefined` if its permissions allow all. */
export function refusalOf(file: string): Refusal | undefined {
  const folder = path.dirname(path.resolve(file))
  for (const each of foldersTo(folder)) {
    const refusal = refused(each, X_OK, 'enter')
    if (refusal !== undefined) return refusal
  }
  // SQLite creates files beside the database.
  const ways = [
    [R_OK, 'read'],
    [W_OK, 'write'],
  ] as const
  for (const each of [folder, file, `${file}-wal`, `${file}-shm`, `${file}-journal`])
    for (const [mode, verb] of ways) {
      const refusal = refused(each, mode, verb)
      if (refusal !== undefined) return refusal
    }
  return undefined
}

function foldersTo(folder: string): readonly string[] {
  const above = path.dirname(folder)
  return above === folder ? [folder] : [...foldersTo(above), folder]
}

function refused(file: string, mode: number, verb: string): Refusal | undefined {
  try {
    accessSync(file, mode)
    return undefined
  } catch (error) {
    const code = errorCode(error)
    if (code === 'EROFS') {
      const what = `${file} is on a file system that is mounted read-only.`
      return { file, what, hint: 'Mount the file system for writing, or name another data folder.' }
    }
    if (code !== 'EACCES' && code !== 'EPERM') return undefined
    return refusal(file, verb)
  }
}

function refusal(file: string, verb: string): Refusal {
  const self = process.getuid?.()
  const found = statusOf(file)
  const me = self === undefined ? 'this process' : `this process, as user ${self},`
  if (found === undefined || self === undefined)
    return { file, what: `${file}: ${me} may not ${verb} it.`, hint: 'Allow it, and try again.' }
  const mode = (found.mode & 0o7777).toString(8).padStart(3, '0')
  const all = found.isDirectory() ? 'u+rwx' : 'u+rw'
  return {
    file,
    what: `${file} belongs to user ${found.uid} and has mode ${mode}, so ${me} may not ${verb} it.`,
    hint:
      found.uid === self
        ? `Allow it (\`chmod ${all} ${file}\`), and try again.`
        : `Run this as user ${found.uid}, or give it to user ${self} (\`chown ${self} ${file}\`), and try again.`,
  }
}

function statusOf(file: string): Stats | undefined {
  try {
    return statSync(file)
  } catch {
    return undefined
  }
}

/** The system's code of an error, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
