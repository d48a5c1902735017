// Runs every check that must pass before you propose a change: `npm run verify`. A failing step does not stop the next, so one run shows
// everything that is wrong. The last line counts the tests, from the test runner's own report.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { root } from './rules/repository.ts'
import { countTests } from './verify/count-tests.ts'

const results = path.join(root, 'node_modules', '.cache', 'verify', 'tests.json')
mkdirSync(path.dirname(results), { recursive: true })
rmSync(results, { force: true })

const steps: readonly (readonly [string, ...string[]])[] = [
  ['format:check'],
  ['lint'],
  ['imports'],
  ['style'],
  ['types'],
  ['packed'],
  ['examples'],
  ['mutations'],
  ['test', '--', '--reporter=default', '--reporter=json', `--outputFile.json=${results}`],
]

const failed: string[] = []
for (const [name, ...args] of steps) {
  const started = performance.now()
  console.log(`\n== ${name}`)
  const { status } = spawnSync('npm', ['run', '--silent', name, ...args], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`== ${name}: ${status === 0 ? 'passed' : 'FAILED'} in ${seconds} s`)
  if (status !== 0) failed.push(name)
}

const counts = countTests(
  existsSync(results) ? JSON.parse(readFileSync(results, 'utf8')) : undefined,
  !failed.includes('test'),
)
if (counts.passed === 0) failed.push('no test ran')
console.log(failed.length === 0 ? '\nAll checks passed.' : `\nFAILED: ${failed.join(', ')}`)
console.log(counts.line)
process.exitCode = failed.length === 0 && counts.failed === 0 ? 0 : 1
