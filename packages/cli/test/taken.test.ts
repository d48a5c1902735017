// `dev` when another process has what it needs: it ends and says so, because no change of a file would help.

import { createServer } from 'node:net'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { killAll, runBin } from './run-bin.ts'

const cwd = path.join(import.meta.dirname, 'minimal')

afterAll(killAll)

test('dev ends if its port is taken, and names another way, instead of waiting for a file to change', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { readonly port: number }
  const ended = await runBin(['dev', '--port', String(port)], { cwd })
  server.close()
  expect(ended.code).not.toBe(0)
  expect(ended.stdout + ended.stderr).toContain(`Port ${port} of 127.0.0.1 is in use.`)
  expect((ended.stdout + ended.stderr).replaceAll(/\s+/g, ' ')).toContain('choose another port')
  expect(ended.stdout).not.toContain('Waiting for a file')
}, 60_000)
