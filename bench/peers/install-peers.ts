// The bench's peers, installed on first use into this folder with a lock of their own. Emmett's SQLite driver is compiled then,
// which takes a minute; the repository's own `npm ci` installs and compiles nothing of it.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** Where the peers live. */
export const peersFolder = import.meta.dirname

const lockFile = path.join(peersFolder, 'package-lock.json')
const installedMark = path.join(peersFolder, 'node_modules', '.installed-lock.json')

/** Installs the peers where they are not there yet, or where the lock is another; says so on standard error. */
export function installPeers(): void {
  const lock = readFileSync(lockFile, 'utf8')
  if (existsSync(installedMark) && readFileSync(installedMark, 'utf8') === lock) return
  process.stderr.write('Installing the peers to compare with (Emmett; its SQLite driver compiles for a minute) …\n')
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: peersFolder,
    // The outer `npm run` must not lend its settings (its workspace, its prefix) to this install.
    env: withoutNpmSettings(process.env),
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error(`npm ci in ${peersFolder} ended with ${status}; run it there by hand to see why.`)
  writeFileSync(installedMark, lock)
}

function withoutNpmSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !/^npm_(?!config_registry)/i.test(name)))
}
