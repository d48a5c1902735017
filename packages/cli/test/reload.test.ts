// `tidings dev` on a system that `tidings init` wrote: it restarts when a file changes, reports a file that cannot run, and restarts
// with the next change.

import { appendFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { killAll, type RunningBin, runBin, startBin } from './run-bin.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'tidings-reload-'))
const system = path.join(folder, 'Corner Shop 2')

afterAll(() => {
  killAll()
  rmSync(folder, { recursive: true, force: true })
})

/** The next message of a kind. Other processes may write into the repository meanwhile and cause more restarts. */
async function next(running: RunningBin, kind: string, changed: string): Promise<Record<string, unknown>> {
  for (;;) {
    const message = await running.nextJson()
    if (message.kind === kind && (changed === '' || (message.changed as string[]).includes(changed))) return message
  }
}

test('a change restarts the system at the same address; a broken file is reported, and its repair restarts the system', async () => {
  const written = await runBin(['init', system, '--json'], { cwd: folder })
  expect(JSON.parse(written.stdout).files).toContain('services/orders/contract.ts')
  expect(await runBin(['init', system], { cwd: folder })).toMatchObject({
    code: 5,
    stderr: expect.stringContaining('not empty'),
  })
  expect(readFileSync(path.join(system, 'tidings.config.ts'), 'utf8')).toContain("name: 'corner-shop-2'")
  const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url))
  symlinkSync(modules, path.join(system, 'node_modules'), 'junction')

  const dev = startBin(['dev', '--json', '--port', '0', '--log', 'silent'], { cwd: system })
  const first = await next(dev, 'started', '')
  const file = 'services/orders/place-order.ts'
  const working = readFileSync(path.join(system, file), 'utf8')
  appendFileSync(path.join(system, file), '\nexport const added = 1\n')
  expect(await next(dev, 'started', file)).toMatchObject({ http: first.http })
  writeFileSync(path.join(system, file), 'export const placeOrder = (')
  expect(await next(dev, 'failed', file)).toMatchObject({ code: 'CONFIG_INVALID' })
  writeFileSync(path.join(system, file), working)
  expect(await next(dev, 'started', file)).toMatchObject({ http: first.http, system: 'corner-shop-2' })
  expect(await dev.interrupt()).toMatchObject({ code: 0 })
}, 60_000)
