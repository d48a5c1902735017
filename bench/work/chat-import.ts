// The import of the chat as a user runs it: one day of a real log, 1,500 lines, by `examples/chat/main.ts` in its own process. Figures: CPU time
// a line, and bytes written. There is no yardstick; the rows have absolute limits.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { removeFolder } from '../harness/folders.ts'
import type { Usage } from '../harness/report-usage.ts'
import type { Contender, Row, SeveralFigures } from '../work.ts'

const root = path.join(import.meta.dirname, '..', '..')

/** Where the logs are, beside the repository: https://www.aclweb.org/anthology/P19-1374. They are not part of it. */
const logs = path.join(root, '..', 'shared', 'data', 'ubuntu-irc')

const day = '2010-08-17_18'

/** Where `npm run chat` keeps what Node has compiled. */
const compiled = path.join(root, 'node_modules', '.cache', 'tidings')

/** Copies the day's files; throws, and says what is missing, if there are none. */
function copyDay(folder: string): number {
  const files = existsSync(logs) ? readdirSync(logs).filter((name) => name.startsWith(day)) : []
  if (files.length === 0)
    throw new Error(
      `The chat's import needs the real log of ${day}, and there is none in ${logs}. Put ${day}.raw.txt there.`,
    )
  mkdirSync(folder, { recursive: true })
  for (const name of files) copyFileSync(path.join(logs, name), path.join(folder, name))
  return readFileSync(path.join(folder, `${day}.raw.txt`), 'utf8')
    .trimEnd()
    .split('\n').length
}

const tidings: Contender = async ({ folder }) => {
  const log = path.join(folder, 'log')
  const lines = copyDay(log)
  const usageFile = path.join(folder, 'usage.json')
  return {
    round: async () => {
      const data = path.join(folder, 'data')
      const args = ['--import', new URL('../harness/report-usage.ts', import.meta.url).href, 'examples/chat/main.ts']
      const child = spawn(
        process.execPath,
        [...args, '--log', log, '--report', path.join(folder, 'report.json'), '--data', data],
        {
          cwd: root,
          stdio: ['ignore', 'ignore', 'inherit'],
          env: { ...process.env, BENCH_USAGE: usageFile, NODE_COMPILE_CACHE: compiled },
        },
      )
      const [code] = await once(child, 'exit')
      removeFolder(data)
      if (code !== 0) throw new Error(`The import ended with ${code}.`)
      const { cpuMicros, writtenBytes } = JSON.parse(readFileSync(usageFile, 'utf8')) as Usage
      const megabytes = (writtenBytes ?? Number.NaN) / 1_000_000
      return [{ figure: cpuMicros / lines / 1_000, cpuMicros: cpuMicros / lines }, { figure: megabytes }]
    },
    close: () => undefined,
  }
}

const row = (work: string, rest: Pick<Row, 'unit' | 'bound'>): Row => ({
  work: `import of the chat: ${work}`,
  durability: 'process-crash',
  per: 'line',
  marks: {},
  ...rest,
})

/** The rows. */
export const chatImport: SeveralFigures = {
  about:
    'One day of #ubuntu on IRC, 1,500 lines, imported by `npm run chat -- --log`, from the start of the process to its end.',
  durability: 'process-crash',
  onOneCore: false,
  turns: 3,
  firstCounts: true,
  rows: [row('CPU', { unit: 'CPU ms/line', bound: 1.5 }), row('written', { unit: 'MB written', bound: 100 })],
  tidings,
}
