// An edited version as an operator meets it: a warning of `start`, an error of `dev`, a line of `status`, and one command to accept it.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { killAll, postJson, runBin, startBin } from './run-bin.ts'

const fixture = fileURLToPath(new URL('edited', import.meta.url))
const folder = mkdtempSync(path.join(tmpdir(), 'tidings-edited-'))
const about = ['--config', fixture, '--data', path.join(folder, 'data'), '--json']
const before = { cwd: folder }
const after = { cwd: folder, env: { EDITED: '1' } }

afterAll(() => {
  killAll()
  rmSync(folder, { recursive: true, force: true })
})

const edit = { what: 'Table sales', version: 1, member: '/currency', change: 'is required now' }

test('an edited version is a warning of start, an error of dev, shown by status, and accepted by one command', async () => {
  const first = startBin(['start', 'shop', '--port', '0', ...about], before)
  const { http } = await first.nextJson()
  await postJson(`${http}/shop/commands/sell`, { id: 'a', total: 5 })
  expect((await first.interrupt()).stderr).not.toContain('edited')

  const warned = startBin(['start', 'shop', '--port', '0', ...about], after)
  await warned.nextJson()
  const status = await runBin(['status', ...about], after)
  expect(JSON.parse(status.stdout).processes[0].services[0].versions).toEqual({
    checked: 1,
    notChecked: [],
    edited: [edit],
  })
  const text = await runBin(['status', ...about.slice(0, -1)], after)
  expect(text.stdout).toContain('Table sales version 1 was edited: /currency is required now')
  const { stderr } = await warned.interrupt()
  expect(stderr.split('\n').filter((line) => line.includes('"A version was edited'))).toEqual([
    expect.stringMatching(/"next":"npx tidings accept-versions shop --config [^"]+/),
  ])

  const refused = await runBin(['dev', '--no-reload', '--port', '0', ...about], after)
  expect(refused.code).not.toBe(0)
  expect(refused.stdout + refused.stderr).toContain('VERSION_EDITED')
  expect(refused.stdout + refused.stderr).toContain('tidings accept-versions shop')

  const accepted = await runBin(['accept-versions', ...about], after)
  expect(JSON.parse(accepted.stdout)).toEqual({ services: [{ service: 'shop', accepted: [edit] }] })
  const again = await runBin(['accept-versions', 'shop', ...about.slice(0, -1)], after)
  expect(again.stdout).toContain('No version was edited')
  const dev = startBin(['dev', '--no-reload', '--port', '0', ...about], after)
  expect(await dev.nextJson()).toMatchObject({ kind: 'started' })
  await dev.interrupt()
}, 60_000)

test('while the service runs, its process accepts the edit; what cannot be checked is said by status', async () => {
  const narrower = startBin(['start', 'shop', '--port', '0', ...about], before)
  await narrower.nextJson()
  expect((await narrower.interrupt()).stderr).not.toContain('edited')
  const running = startBin(['start', 'shop', '--port', '0', ...about], after)
  await running.nextJson()
  const accepted = await runBin(['accept-versions', ...about], after)
  expect(JSON.parse(accepted.stdout).services).toEqual([{ service: 'shop', accepted: [edit] }])
  const status = await runBin(['status', ...about], after)
  expect(JSON.parse(status.stdout).processes[0].services[0].versions.edited).toEqual([])
  await running.interrupt()

  const untyped = { cwd: folder, env: { UNTYPED: '1' } }
  const blind = startBin(['start', 'shop', '--port', '0', ...about], untyped)
  await blind.nextJson()
  const text = await runBin(['status', ...about.slice(0, -1)], untyped)
  expect(text.stdout).toContain('not checked for edits: Table sales version 1')
  await blind.interrupt()
}, 60_000)
