// Packs the packages as for a release, installs the command into an empty folder, and writes a new system, which installs, compiles,
// passes its own tests and runs. The only slow test of the command.

import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const folder = mkdtempSync(path.join(tmpdir(), 'tidings-init-'))
const tarballs = path.join(folder, 'tarballs')
// The machine's Node may be old, so the pinned one comes first in PATH.
const pinned = path.dirname(createRequire(import.meta.url).resolve('node/bin/node'))
const env = { ...process.env, PATH: `${pinned}${path.delimiter}${process.env.PATH}`, NO_COLOR: '1' }

afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function call(cwd: string, command: string, ...args: readonly string[]): Promise<string> {
  const shell = process.platform === 'win32'
  const { stdout, stderr } = await promisify(execFile)(command, [...args], { cwd, env, shell }).catch(
    (error: unknown) => {
      const { stdout: out, stderr: err } = error as { stdout: string; stderr: string }
      throw new TypeError(`${command} ${args.join(' ')} failed:\n${out}\n${err}`)
    },
  )
  return `${stdout}${stderr}`
}

const install = (cwd: string) =>
  call(cwd, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error')

/** A manifest that takes the packages of this repository from their tarballs. */
function fromTarballs(manifest: Record<string, Record<string, string>>, packed: ReadonlyMap<string, string>): string {
  for (const part of ['dependencies', 'devDependencies']) {
    for (const name of Object.keys(manifest[part] ?? {})) {
      const file = packed.get(name)
      if (file !== undefined) manifest[part] = { ...manifest[part], [name]: `file:${file}` }
    }
  }
  // Overrides do the same for packages that only other packages need.
  const direct = new Set(['dependencies', 'devDependencies'].flatMap((part) => Object.keys(manifest[part] ?? {})))
  const overrides = [...packed].filter(([name]) => !direct.has(name)).map(([name, file]) => [name, `file:${file}`])
  return JSON.stringify({ ...manifest, overrides: Object.fromEntries(overrides) }, undefined, 2)
}

test('init writes a system that installs from a release, compiles, passes its own tests and draws its map', async () => {
  const printed = await call(root, 'npm', 'run', '--silent', 'pack', '--', tarballs)
  const packed = new Map<string, string>()
  for (const file of printed.split('\n').filter((line) => line.endsWith('.tgz'))) {
    const name = path.basename(file).replace(/-\d.*$/, '')
    packed.set(name === 'tidings' ? name : name.replace('tidings-', '@tidings/'), file)
  }
  expect([...packed.keys()].sort()).toEqual([
    '@tidings/cli',
    '@tidings/client',
    '@tidings/http',
    '@tidings/node',
    '@tidings/postgres',
    '@tidings/sqlite',
    '@tidings/testing',
    'tidings',
  ])

  const released = path.join(folder, 'released')
  mkdirSync(released)
  const all = Object.fromEntries([...packed.keys()].map((name) => [name, '']))
  writeFileSync(path.join(released, 'package.json'), fromTarballs({ dependencies: all }, packed))
  await install(released)
  const command = path.join(released, 'node_modules', '@tidings', 'cli', 'bin', 'tidings.js')
  expect(await call(folder, 'node', command, 'init', 'corner-shop')).toContain('npm test')

  const system = path.join(folder, 'corner-shop')
  const manifest = path.join(system, 'package.json')
  const written = JSON.parse(readFileSync(manifest, 'utf8'))
  expect(written).toMatchObject({ name: 'corner-shop', dependencies: { tidings: '0.1.0', '@tidings/cli': '0.1.0' } })
  writeFileSync(manifest, fromTarballs(written, packed))
  await install(system)
  const [tests, , map] = await Promise.all([
    call(system, 'npm', 'test'),
    call(system, 'npm', 'run', 'types'),
    call(system, 'npx', 'tidings', 'map'),
  ])
  expect(tests).toMatch(/4 passed/)
  expect(map).toMatch(/^corner-shop {2}2 services · 2 events · 0 lookups/)

  const dev = execFile(
    'node',
    [path.join('node_modules', '@tidings', 'cli', 'bin', 'tidings.js'), 'dev', '--port', '0', '--json'],
    { cwd: system, env },
  )
  const ended = new Promise((resolve) => dev.once('exit', resolve))
  try {
    const line = await new Promise<string>((resolve) => dev.stdout?.once('data', resolve))
    const { http } = JSON.parse(line)
    const body = JSON.stringify({ orderId: 'order-1', item: 'tea', quantity: 3 })
    const headers = { 'content-type': 'application/json' }
    const placed = await fetch(`${http}/orders/commands/place-order`, { method: 'POST', headers, body })
    expect(placed.status).toBeLessThan(300)
    const events = JSON.parse(await call(system, 'npx', 'tidings', 'events', '--json'))
    expect(events[0]).toMatchObject({ type: 'orders.order-changed', key: 'order-1' })
  } finally {
    dev.kill('SIGINT')
    expect(await ended).toBe(0)
  }
}, 180_000)
