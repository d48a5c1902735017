// Compares the occurrences of cron expressions with another implementation, of the npm packages `cron-parser` and `croner`, which you install
// elsewhere: `npx node scripts/suites/cron.ts <folder with node_modules>`. Starts are far from changes of the clock, about which the three differ.
import { createRequire } from 'node:module'
import path from 'node:path'
import { parseCron } from 'tidings/contracts'
import { report, type SuiteCase } from './report.ts'

const expressions = [
  ...['* * * * *', '*/5 * * * *', '0/15 * * * *', '5/15 * * * *', '20-35/15 * * * *', '0,30 * * * *', '59 23 * * *'],
  ...['0 * * * *', '0 */2 * * *', '0 0 * * *', '30 8 * * *', '0 9-17 * * *', '0 9-17/4 * * 1-5', '15 10 * * mon-fri'],
  ...['0 0 1 * *', '0 0 15 * *', '0 0 31 * *', '0 0 30 * *', '0 0 29 2 *', '0 0 1 1 *', '0 12 1-7 * *', '0 0 1,15 * *'],
  ...['0 0 * * 0', '0 0 * * 7', '0 0 * * sun', '0 0 * * 1,3,5', '0 22 * * 1-5', '5 4 * * sat', '23 0-20/2 * * *'],
  ...['0 0 1,15 * sun', '0 0 13 * fri', '30 4 1,15 * 5', '0 0 */10 * *', '0 0 * jul *', '0 0 * jan,apr,jul,oct *'],
  ...['0 0 1 */3 *', '*/7 3-5 * 6-8 *', '10-50/20 1,13 28-31 * *', '0 6 1 may mon', '1-59/2 * * * *'],
]
const zones = ['UTC', 'America/New_York', 'Asia/Kathmandu']
const starts = ['2023-06-14T07:31:00Z', '2024-02-28T23:59:00Z', '2025-12-31T12:00:00Z', '2026-08-03T00:00:00Z']
const occurrences = 5

interface Other {
  readonly name: string
  readonly reads: (expression: string) => boolean
  next(expression: string, timeZone: string, start: Date): readonly Date[]
}

const [folder = '.'] = process.argv.slice(2)
const load = createRequire(path.resolve(folder, 'package.json'))
interface CronParser {
  readonly CronExpressionParser: {
    parse(text: string, options: object): { next(): { toDate(): Date } }
  }
}
interface Croner {
  readonly Cron: new (text: string, options: object) => { nextRuns(count: number, after: Date): readonly Date[] }
}
const { CronExpressionParser } = load('cron-parser') as CronParser
const { Cron } = load('croner') as Croner
const others: readonly Other[] = [
  {
    name: 'cron-parser',
    reads: () => true,
    next: (expression, tz, currentDate) => {
      const parsed = CronExpressionParser.parse(expression, { tz, currentDate })
      return Array.from({ length: occurrences }, () => parsed.next().toDate())
    },
  },
  {
    name: 'croner',
    // It refuses `5/15`.
    reads: (expression) => !/^\d+\//.test(expression),
    next: (expression, timezone, start) =>
      new Cron(expression, { timezone, paused: true }).nextRuns(occurrences, start),
  },
]

function ours(expression: string, timeZone: string, start: Date): readonly string[] {
  const cron = parseCron(expression, timeZone)
  const found: string[] = []
  for (let at = start.getTime(); found.length < occurrences; ) {
    at = cron.next(at)
    found.push(new Date(at).toISOString())
  }
  return found
}

for (const other of others) {
  const cases: SuiteCase[] = []
  for (const expression of expressions.filter(other.reads))
    for (const timeZone of zones)
      for (const text of starts) {
        const start = new Date(text)
        const name = `${expression} in ${timeZone} after ${text}`
        const expected = other.next(expression, timeZone, start).map((date) => date.toISOString())
        const found = ours(expression, timeZone, start)
        const same = found.join() === expected.join()
        cases.push({ name, failure: same ? undefined : `${found.join(' ')} instead of ${expected.join(' ')}` })
      }
  report(`Cron as ${other.name}`, cases)
}
