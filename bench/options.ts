// The command line of the bench.

import { parseArgs } from 'node:util'
import { type ContenderName, contenderNames, usualSizes } from './work.ts'

/** What `--help` prints. */
export const help = `npm run bench -- [options]

Measures Tidings beside the same work by hand and beside Emmett, and prints a table.

  --only TEXT         only rows whose name or durability contains TEXT, or one of several texts: A,B
                      (may be given several times; all must match)
  --contenders A,B    only these of ${contenderNames.join(', ')}
  --runs N            turns of each contender; the table shows their median (default: 3, plus one to warm up)
  --events N          the events or timers that are there before a start-up or a search (default: ${usualSizes.historyCount.toLocaleString('en')})
  --lines N           the lines of the import (default: ${usualSizes.importCount.toLocaleString('en')}; the document shows 500,000)
  --all-cores         does not measure on one core, which halves the time
  --json              prints an array of rows with all figures, ratios and marks
  --write             keeps the rows in bench/results.json and writes them into docs/benchmarks.md
  --profile DIR       writes a CPU profile of each contender's process, and prints the functions that used the most time

Other measurements:

  --guard             the CPU time of five rows beside that by hand; exits with 1 if a ratio is 15 % below the one in
                      bench/guard.json (with --write, keeps the ratios there)
  --growth            whether anything becomes slower or larger from 10,000 events to a million (--events N for more); with
                      --write, draws docs/growth.svg and puts the figures into docs/benchmarks.md
  --start-up          how long the packed command takes to start, beside an empty program, and until it has handled an order
  --memory            the memory of one subscriber over 5 million events (--events N for another number)
  --contended         commands of one key: one caller, and 18 with and without a key
  --overload          a process that gets twice as many commands as it can handle (--seconds N, --connections N, --work-ms N)
  --help              prints this text
`

/** The command line is wrong. */
export class UsageError extends Error {}

/** Reads the command line; throws `UsageError` or an error of `parseArgs`. */
export function readOptions(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true, default: [] },
      contenders: { type: 'string', default: contenderNames.join(',') },
      runs: { type: 'string', default: '3' },
      events: { type: 'string' },
      lines: { type: 'string', default: String(usualSizes.importCount) },
      'all-cores': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      profile: { type: 'string' },
      guard: { type: 'boolean', default: false },
      growth: { type: 'boolean', default: false },
      'start-up': { type: 'boolean', default: false },
      memory: { type: 'boolean', default: false },
      contended: { type: 'boolean', default: false },
      overload: { type: 'boolean', default: false },
      seconds: { type: 'string', default: '120' },
      connections: { type: 'string', default: '900' },
      'work-ms': { type: 'string', default: '0' },
      help: { type: 'boolean', default: false },
    },
  })
  return {
    ...values,
    contenders: values.contenders.split(',').map(contenderOf),
    runs: wholeNumber('--runs', values.runs),
    events: values.events === undefined ? undefined : wholeNumber('--events', values.events),
    lines: wholeNumber('--lines', values.lines),
    seconds: wholeNumber('--seconds', values.seconds),
    connections: wholeNumber('--connections', values.connections),
    workMs: Number(values['work-ms']),
  }
}

/** What the command line says. */
export type Options = ReturnType<typeof readOptions>

function wholeNumber(option: string, text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 1)
    throw new UsageError(`${option} must be a whole number of at least 1, not ${text}.`)
  return number
}

function contenderOf(text: string): ContenderName {
  const name = contenderNames.find((other) => other === text.trim())
  if (name === undefined)
    throw new UsageError(`--contenders must be some of ${contenderNames.join(', ')}, not ${text}.`)
  return name
}
