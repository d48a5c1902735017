// Runs the examples as a newcomer would: the one-file system, then the shop on generated orders and the chat with visitors, both until they
// are interrupted. If the sample of real orders is beside the repository, it is imported twice; the second import must change nothing.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { root } from './rules/repository.ts'

/** The npm scripts that run an example. */
type Script = 'hello' | 'start' | 'chat'

const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
/** What a script runs, without npm in between, so that a signal reaches it. */
const mainOf = (script: Script) => path.join(root, String(scripts[script]).replace(/^(exec )?(env \S+ )?node /, ''))
const sample = path.resolve(root, '..', 'shared', 'data', 'olist-sample')
const runMs = 240_000
const linesBeforeInterrupt = 6

interface Run {
  readonly code: number | null
  readonly output: string
}

/** Runs an example; interrupts it once `interruptAfter` lines have been seen. */
const run = (script: Script, args: readonly string[], interruptAfter = Number.POSITIVE_INFINITY): Promise<Run> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [mainOf(script), ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    const timeout = setTimeout(() => child.kill('SIGKILL'), runMs)
    let output = ''
    let interrupted = false
    const read = (chunk: Buffer): void => {
      output += chunk.toString('utf8')
      if (!interrupted && output.split('\n').length > interruptAfter) {
        interrupted = true
        child.kill('SIGINT')
      }
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.on('close', (code) => {
      clearTimeout(timeout)
      resolve({ code, output })
    })
  })

const expectZero = ({ code, output }: Run, what: string): void => {
  if (code !== 0) throw new Error(`${what} exited with ${code}. Its output:\n${output.slice(-4000)}`)
  console.log(`${what}: exited with 0`)
}

const folder = mkdtempSync(path.join(tmpdir(), 'tidings-examples-'))
try {
  expectZero(await run('hello', []), 'hello')
  const shop = (args: readonly string[], interruptAfter?: number) => run('start', args, interruptAfter)
  expectZero(
    await shop(['--data', path.join(folder, 'generated')], linesBeforeInterrupt),
    'the shop on generated orders',
  )
  const visited = ['--with-visitors', '--data', path.join(folder, 'chat')]
  expectZero(await run('chat', visited, linesBeforeInterrupt), 'the chat with visitors')
  if (existsSync(sample)) {
    const report = path.join(folder, 'report.json')
    const args = ['--orders', sample, '--report', report, '--data', path.join(folder, 'imported')]
    expectZero(await shop(args), 'the import of real orders')
    const first = readFileSync(report, 'utf8')
    rmSync(report)
    expectZero(await shop(args), 'the same import again')
    if (readFileSync(report, 'utf8') !== first) throw new Error('The second import wrote a different report.')
  } else {
    console.log(`the import of real orders: not run, there are none in ${sample}`)
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true })
}
