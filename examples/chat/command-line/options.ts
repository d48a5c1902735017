// The options after `npm run chat --`. Invariant: an unknown option is refused, and the message says what to write.
import { parseArgs } from 'node:util'

/** The options of the chat. */
export interface ChatOptions {
  readonly help: boolean
  /** The folder of the logs to import; `undefined`: the page is served until the chat is interrupted. */
  readonly log: string | undefined
  /** The file for the import's report; given if `log` is. */
  readonly report: string | undefined
  /** The folder for all data of the chat; `undefined`: the folder of the configuration. */
  readonly data: string | undefined
  /** The seed of the visitors; `undefined`: no visitors. */
  readonly visitors: number | undefined
  /** Runs each service in its own process. */
  readonly processes: boolean
  /** Where the services keep their data: a file for each, or a Postgres that starts by itself. */
  readonly engine: Engine
  /** The number of processes: of every service with `processes`, otherwise of the whole chat; 1 without `processes`: this process. */
  readonly instances: number
}

/** An engine of the chat. */
export type Engine = 'sqlite' | 'postgres'

/** A wrong command line: the message says what is wrong, the hint says what to do. */
export class UsageError extends Error {
  readonly hint = 'See `npm run chat -- --help`.'
}

/** What `--help` shows. */
export const help = `The chat: autonomous services that hear of each other through events only, and
nudge people at the right moment.

  npm run chat                                 serves the page until Ctrl-C
  npm run chat -- --log DIR --report FILE      imports the logs of a folder

  --with-visitors   simulated visitors talk meanwhile
  --seed N          the seed of what they say (default: 1)
  --processes       runs each service in its own process, and restarts it if it
                    dies
  --engine NAME     sqlite (the default), or postgres, which starts by itself;
                    an import needs sqlite
  --instances N     with --engine postgres: runs N processes of the whole chat,
                    or of every service if --processes is given
  --log DIR         the folder of the IRC logs (*.raw.txt), one file for each day
  --report FILE     the file for the report of the import (JSON)
  --data DIR        the folder of the databases (default: .tidings/chat; an
                    import uses its subfolder "imported")
  --help            prints this text

Exit codes: 0 done, or ended with Ctrl-C; 1 something failed; 2 the command
line is wrong; 130 an import was interrupted.
`

const options = {
  help: { type: 'boolean', short: 'h' },
  'with-visitors': { type: 'boolean' },
  seed: { type: 'string' },
  processes: { type: 'boolean' },
  log: { type: 'string' },
  report: { type: 'string' },
  data: { type: 'string' },
  engine: { type: 'string' },
  instances: { type: 'string' },
} as const

/** Reads the command line; throws `UsageError`. */
export function readOptions(args: readonly string[]): ChatOptions {
  const values = parse(args)
  const { log, report, data, processes = false } = values
  const engine = engineOf(values.engine ?? 'sqlite')
  const instances = instancesOf(values.instances ?? '1')
  const isTalking = values['with-visitors'] === true
  for (const [name, value] of Object.entries({ log, report, data }))
    if (value === '') throw new UsageError(`--${name} needs a value.`)
  if (values.help !== true) {
    if (log !== undefined && report === undefined) throw new UsageError('--log is given without --report FILE.')
    if (report !== undefined && log === undefined) throw new UsageError('--report is given without --log DIR.')
    if (log !== undefined && (isTalking || processes || instances > 1))
      throw new UsageError(
        '--log cannot be used with --with-visitors, --processes or --instances: its clock follows the log.',
      )
    if (log !== undefined && engine === 'postgres')
      throw new UsageError(
        '--log needs --engine sqlite: its clock follows the log, and on Postgres that of the server counts.',
      )
    if (instances > 1 && engine === 'sqlite')
      throw new UsageError('A SQLite file has one writer: --instances needs --engine postgres.')
    if (values.seed !== undefined && !isTalking) throw new UsageError('--seed is given without --with-visitors.')
  }
  const visitors = isTalking ? seedOf(values.seed ?? '1') : undefined
  return { help: values.help === true, log, report, data, visitors, processes, engine, instances }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values
  } catch (error) {
    const [sentence = String(error)] = (error instanceof Error ? error.message : String(error)).split('. ')
    throw new UsageError(sentence.endsWith('.') ? sentence : `${sentence}.`)
  }
}

function engineOf(text: string): Engine {
  if (text === 'sqlite' || text === 'postgres') return text
  throw new UsageError(`--engine must be sqlite or postgres, not ${JSON.stringify(text)}.`)
}

/** The most instances on one machine: what is tried here, not what a system can have. */
const instancesMax = 16

function instancesOf(text: string): number {
  if (/^\d{1,2}$/.test(text) && Number(text) >= 1 && Number(text) <= instancesMax) return Number(text)
  throw new UsageError(`--instances must be a number from 1 to ${instancesMax}, not ${JSON.stringify(text)}.`)
}

function seedOf(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new UsageError(`--seed must be a whole number, not ${JSON.stringify(text)}.`)
}
