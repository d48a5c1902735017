// Runs tests in a copy of the repository, chosen by their titles, and returns their outcomes. Invariant: a test has an outcome only if it
// ran; a test that was not found, or whose file could not be loaded, has none.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'

/** A test: the file that runs it, and its full title. */
export interface Test {
  readonly file: string
  readonly title: string
}

/** The result of a run. */
export interface TestRun {
  /** The outcome of a test; `undefined` if it did not run. */
  outcomeOf(test: Test): { readonly state: string; readonly message: string } | undefined
  /** Errors of files that could not be loaded, and the end of the runner's output. */
  readonly output: string
  readonly seconds: number
}

/** The longest a run may take: a mutation may make the product wait for ever. A run of many tests gets more, also on a busy machine. */
const timeoutMsOf = (testCount: number): number => 60_000 + 5_000 * (testCount - 1)

interface Assertion {
  readonly ancestorTitles: readonly string[]
  readonly title: string
  readonly status: string
  readonly failureMessages?: readonly string[]
}

interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly message: string
    readonly assertionResults: readonly Assertion[]
  }[]
}

const titleOf = ({ ancestorTitles, title }: Assertion): string => [...ancestorTitles, title].join(' > ')

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')

/** Runs the given tests, and no others, in a copy of the repository. */
export const runTests = async (folder: string, tests: readonly Test[], workers = 1): Promise<TestRun> => {
  const started = performance.now()
  const reportFile = path.join(folder, '.report.json')
  rmSync(reportFile, { force: true })
  const output = await run(folder, timeoutMsOf(tests.length), [
    path.join(folder, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    ...new Set(tests.map(({ file }) => file)),
    '--testNamePattern',
    `^(?:${tests.map(({ title }) => escaped(title)).join('|')})$`,
    '--reporter=json',
    `--outputFile=${reportFile}`,
    `--maxWorkers=${workers}`,
  ])
  const report: Report = existsSync(reportFile) ? JSON.parse(readFileSync(reportFile, 'utf8')) : { testResults: [] }
  const broken = report.testResults.filter(({ assertionResults, message }) => assertionResults.length === 0 && message)
  return {
    outcomeOf: ({ file, title }) => {
      const results = report.testResults.find(
        ({ name }) => path.relative(folder, name).split(path.sep).join('/') === file,
      )
      const found = results?.assertionResults.find((each) => titleOf(each) === title && each.status !== 'skipped')
      return found && { state: found.status, message: found.failureMessages?.[0] ?? '' }
    },
    output: [...broken.map(({ message }) => message), output].join('\n').trim(),
    seconds: (performance.now() - started) / 1000,
  }
}

const run = (cwd: string, timeoutMs: number, args: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', CI: 'true' }
    const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output = `${output}${text}`.slice(-4_000)
      })
    // Kills the whole process group, because the runner's workers would outlive the runner.
    const giveUp = setTimeout(() => {
      output += `\nThe run was killed after ${timeoutMs / 1000} s.`
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    }, timeoutMs)
    child.on('error', reject)
    child.on('close', () => {
      clearTimeout(giveUp)
      resolve(output)
    })
  })
