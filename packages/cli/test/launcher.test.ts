// The launcher on an old Node: one sentence and exit code 78, before it loads any code that such a Node cannot parse.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { expect, test } from 'vitest'

const launcher = path.resolve(import.meta.dirname, '../bin/tidings.js')
const olderNode = (version: string): string =>
  `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'${version}'}})`

test.each(['18.0.0', '20.20.2', '23.11.1'])('Node %s is refused with one sentence', (version) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', olderNode(version), launcher, '--help'], {
    encoding: 'utf8',
  })
  expect(stderr).toBe(
    `tidings needs Node 24 or newer, and this is Node ${version}. Install a newer Node and try again.\n`,
  )
  expect({ status, stdout }).toEqual({ status: 78, stdout: '' })
})
