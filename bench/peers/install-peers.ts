// Installs the bench's peers into this folder on first use, from their own lock file. That compiles Emmett's SQLite driver, which takes a
// minute; the repository's `npm ci` does not install it.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** The folder of the peers. */
export const peersFolder = import.meta.dirname

const lockFile = path.join(peersFolder, 'package-lock.json')
const installedMark = path.join(peersFolder, 'node_modules', '.installed-lock.json')

/** Installs the peers if they are missing or the lock file has changed; prints that on standard error. */
export function installPeers(): void {
  const lock = readFileSync(lockFile, 'utf8')
  if (existsSync(installedMark) && readFileSync(installedMark, 'utf8') === lock) return
  process.stderr.write('Installing Emmett to compare with; compiling its SQLite driver takes a minute …\n')
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: peersFolder,
    // The settings of the outer `npm run` (workspace, prefix) must not affect this install.
    env: withoutNpmSettings(process.env),
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error(`npm ci failed in ${peersFolder} (exit code ${status}). Run it there to see why.`)
  writeFileSync(installedMark, lock)
}

function withoutNpmSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !/^npm_(?!config_registry)/i.test(name)))
}
