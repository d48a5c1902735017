// What was typed behind `npm run chat --`. Invariant: whatever is not understood is refused, and the message says what to write.
import { parseArgs } from 'node:util'

/** What the chat is to do. */
export interface ChatOptions {
  readonly help: boolean
  /** The folder whose logs are imported; `undefined`: the page is served until interrupted. */
  readonly log: string | undefined
  /** The file the import's report is written to; there where `log` is. */
  readonly report: string | undefined
  /** The folder for everything the chat keeps; `undefined`: as the configuration says. */
  readonly data: string | undefined
  /** Whether visitors talk, and the seed that decides what they say. */
  readonly visitors: number | undefined
  /** Each service in a process of its own. */
  readonly processes: boolean
}

/** A command line that is not understood: one sentence of what is wrong, one of what to do. */
export class UsageError extends Error {
  readonly hint = 'See `npm run chat -- --help`.'
}

/** What `--help` shows. */
export const help = `The chat: autonomous services that hear of each other through events only, and
nudge people at the right moment.

  npm run chat                                 serves the page until Ctrl-C
  npm run chat -- --log DIR --report FILE      imports the logs of a folder

  --with-visitors   visitors talk meanwhile
  --seed N          what decides what they say (default: 1)
  --processes       each service in a process of its own, which is started again
                    when it dies
  --log DIR         the folder of the IRC logs (*.raw.txt), a file for each day
  --report FILE     where the import's report goes (JSON)
  --data DIR        where the databases live (default: .tidings/chat; an import
                    has a folder "imported" of its own in it)
  --help            this text

Ends with 0 when all is done or Ctrl-C was pressed, 1 when something failed,
2 when the command line was not understood, 130 when an import was interrupted.
`

const options = {
  help: { type: 'boolean', short: 'h' },
  'with-visitors': { type: 'boolean' },
  seed: { type: 'string' },
  processes: { type: 'boolean' },
  log: { type: 'string' },
  report: { type: 'string' },
  data: { type: 'string' },
} as const

/** Reads the command line; throws `UsageError`. */
export function readOptions(args: readonly string[]): ChatOptions {
  const values = parse(args)
  const { log, report, data, processes = false } = values
  const isTalking = values['with-visitors'] === true
  for (const [name, value] of Object.entries({ log, report, data }))
    if (value === '') throw new UsageError(`--${name} needs a value.`)
  if (values.help !== true) {
    if (log !== undefined && report === undefined) throw new UsageError('--log needs --report FILE beside it.')
    if (report !== undefined && log === undefined) throw new UsageError('--report needs --log DIR beside it.')
    if (log !== undefined && (isTalking || processes))
      throw new UsageError('An import has neither visitors nor processes: its clock follows the log.')
    if (values.seed !== undefined && !isTalking) throw new UsageError('--seed needs --with-visitors beside it.')
  }
  const visitors = isTalking ? seedOf(values.seed ?? '1') : undefined
  return { help: values.help === true, log, report, data, visitors, processes }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values
  } catch (error) {
    const [sentence = String(error)] = (error instanceof Error ? error.message : String(error)).split('. ')
    throw new UsageError(sentence.endsWith('.') ? sentence : `${sentence}.`)
  }
}

function seedOf(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new UsageError(`--seed is a whole number, not ${JSON.stringify(text)}.`)
}
