// The launcher: on an old Node, one sentence and exit code 78 before it loads any code that such a Node cannot parse; and how little help needs.
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

const noting = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module'
  const files = []
  registerHooks({ load: (url, context, next) => (files.push(url), next(url, context)) })
  process.on('exit', () => process.stderr.write(JSON.stringify(files)))
`)}`

const mayLoad =
  /\/(packages\/cli|packages\/tidings\/src\/errors|adapters\/node\/src\/(output|environment)|node_modules\/commander)\//

test.each(['--help', 'status --help', '--version'])(
  'tidings %s loads nothing that runs or operates a system',
  (line) => {
    const { status, stderr } = spawnSync(process.execPath, ['--import', noting, launcher, ...line.split(' ')], {
      encoding: 'utf8',
    })
    expect(status).toBe(0)
    const files = (JSON.parse(stderr) as readonly string[]).filter((url) => url.startsWith('file:'))
    expect(files.some((url) => url.endsWith('/packages/cli/src/program.ts'))).toBe(true)
    expect(files.filter((url) => !mayLoad.test(url))).toEqual([])
    // Each small module costs about a quarter of a millisecond.
    expect(files.length).toBeLessThan(60)
  },
)
