// A script that embeds a system goes on as long as it waits for it, although nothing else keeps its process alive.

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

test('a script that waits for `system.settled()` or a command ends when everything was handled', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidings-import-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const script = fileURLToPath(new URL('import-script.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [script, folder])
  expect(stdout).toBe('COMMAND_TIMEOUT\n1 line\n')
})
