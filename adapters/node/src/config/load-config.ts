// Loads a configuration from its file. Node runs TypeScript itself, so the file is imported as it is.

import { execFile } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { TidingsError } from 'tidings'
import { isInstance, messageOfThrown } from 'tidings/errors'
import { userFrames } from '../environment/user-frames.ts'
import { checkConfig } from './check-config.ts'
import type { Config } from './config.ts'

/** The names that a configuration file may have, in the order of the search. */
export const configFileNames = ['tidings.config.ts', 'tidings.config.mts', 'tidings.config.js', 'tidings.config.mjs']

/** A configuration that was loaded from a file. */
export interface LoadedConfig extends Config {
  /** The file, as an absolute path. */
  readonly path: string
  /** The folder of the system's data, as an absolute path. */
  readonly data: string
}

/**
 * Loads a configuration.
 *
 * @param where - the file, or the folder of a `tidings.config.ts`; default: the current folder.
 *
 * Throws `CONFIG_INVALID` if there is none, if it cannot be loaded, or if a part of it is wrong.
 */
export async function loadConfig(where: string = process.cwd()): Promise<LoadedConfig> {
  const file = findConfig(path.resolve(where))
  const config = await importConfig(file)
  checkConfig(`The default export of ${file}`, config)
  return {
    ...(config as Config),
    kind: 'config',
    path: file,
    data: path.resolve(path.dirname(file), (config as Config).data ?? '.tidings'),
  }
}

/** The configuration file at a path, which may be its folder. Throws `CONFIG_INVALID` if there is none. */
export function findConfig(where: string): string {
  const stats = statSync(where, { throwIfNoEntry: false })
  if (stats?.isFile()) return where
  const found = configFileNames.map((name) => path.join(where, name)).find((file) => existsSync(file))
  if (found !== undefined) return found
  throw new TidingsError('CONFIG_INVALID', `There is no configuration at ${where}.`, {
    hint: 'Create a tidings.config.ts (`tidings init`), or name one with --config.',
  })
}

async function importConfig(file: string): Promise<unknown> {
  let loaded: { readonly default?: unknown }
  try {
    loaded = await import(pathToFileURL(file).href)
  } catch (cause) {
    const place = placeOf(cause) ?? (await placeThatNodePrints(file, cause))
    throw new TidingsError('CONFIG_INVALID', `${place ?? file} failed to load: ${messageOfThrown(cause)}`, {
      cause,
      ...(place === undefined || place.startsWith(file) ? {} : { hint: `Correct it; ${file} imports it.` }),
    })
  }
  if (loaded.default === undefined) {
    throw new TidingsError('CONFIG_INVALID', `${file} has no default export.`, {
      hint: 'Write `export default defineConfig({ … })`.',
    })
  }
  return loaded.default
}

// The file and the line that failed: a syntax error's stack begins with them, another error's stack names them in its first line of your code.
function placeOf(thrown: unknown): string | undefined {
  const lines = isInstance(thrown, Error) ? String(thrown.stack).split('\n') : []
  return placeIn(lines[0] ?? '') ?? userFrames(lines, null)[0]?.replace(/^.* \((.*)\)$/, '$1')
}

function placeIn(line: string): string | undefined {
  const [, at, row] = /^(file:\/\/.+|\/.+|[A-Za-z]:\\.+):(\d+)$/.exec(line) ?? []
  return at === undefined ? undefined : `${at.startsWith('file:') ? fileURLToPath(at) : at}:${row}`
}

// The error of a JavaScript module that cannot be compiled does not say where; only a Node that ends with it prints that. Nothing of the
// project runs there: modules are compiled before the first one runs.
async function placeThatNodePrints(file: string, thrown: unknown): Promise<string | undefined> {
  if (!isInstance(thrown, SyntaxError)) return undefined
  const run = promisify(execFile)(process.execPath, [file], { timeout: 10_000 })
  const stderr = await run.then(
    () => '',
    (ended: { readonly stderr?: string }) => ended.stderr ?? '',
  )
  return placeIn(stderr.split('\n', 1)[0] ?? '')
}
