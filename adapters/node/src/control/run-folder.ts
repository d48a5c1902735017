// The folder of the run files, `<data>/run`. Invariant: a system starts only if it can write there, because nobody could operate it otherwise.

import { accessSync, constants, mkdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { TidingsError } from 'tidings'

/** Creates the folder, for its owner only, if it is not there. Throws `STORE_UNAVAILABLE`, which names the folder and what to do. */
export function prepareRunFolder(directory: string): void {
  const folder = path.join(directory, 'run')
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    const self = process.getuid?.()
    const found = lowestFound(folder)
    const reason = cause instanceof Error ? cause.message : String(cause)
    const message = `The run files cannot be kept in ${folder}: ${reason}.`
    if (found === undefined || self === undefined) throw new TidingsError('STORE_UNAVAILABLE', message, { cause })
    const { file, uid, mode } = found
    throw new TidingsError(
      'STORE_UNAVAILABLE',
      `${message} ${file} belongs to user ${uid} and has mode ${mode}, and this process runs as user ${self}.`,
      {
        details: { file },
        hint:
          uid === self
            ? `Allow it (\`chmod u+rwx ${file}\`), and try again.`
            : `Run this as user ${uid}, or give it to user ${self} (\`chown ${self} ${file}\`), and try again.`,
        cause,
      },
    )
  }
}

// If a folder cannot be entered, the system says nothing about what is in it; so it is the lowest of which it says anything.
function lowestFound(file: string): { readonly file: string; readonly uid: number; readonly mode: string } | undefined {
  try {
    const { uid, mode } = statSync(file)
    return { file, uid, mode: (mode & 0o7777).toString(8).padStart(3, '0') }
  } catch {
    const above = path.dirname(file)
    return above === file ? undefined : lowestFound(above)
  }
}
