// The options after `npm run rig --`. Invariant: an unknown option or value is refused.
import { parseArgs } from 'node:util'
import { UsageError } from '../command-line/options.ts'
import { type Variant, variants } from './broken.ts'

/** The options of the rig. */
export interface RigCommandLine {
  readonly help: boolean
  /** How long faults are injected, over all rounds. */
  readonly minutes: number
  readonly seed: number | undefined
  /** Commands per second. */
  readonly rate: number
  /** The folder of all files; `undefined`: a temporary folder, which is removed if nothing was found. */
  readonly data: string | undefined
  readonly broken: readonly Variant[]
  readonly json: boolean
}

/** What `--help` shows. */
export const help = `The kill rig: the shop in processes, killed at random for minutes or hours.

  npm run rig -- [--minutes N] [--seed N] [--json]

  --minutes N     how long to inject faults (default: 1); more than 5 minutes
                  run in rounds of 5, each with its own seed and databases
  --seed N        the seed of faults, load and other choices (default: any)
  --rate N        commands per second (default: 60)
  --data DIR      the folder for databases, log and ledger, which are kept
                  (default: a folder that is removed if nothing was found)
  --broken NAMES  breaks the shop on purpose, to check that the rig finds it:
                  ${Object.keys(variants).slice(0, 2).join(',')},
                  ${Object.keys(variants).slice(2).join(',')}
  --json          prints the report as JSON, one line per round
  --help          prints this text

Exit codes: 0 every round passed; 1 something was found or a crash point was
never hit; 2 the command line is wrong.
`

const most = { minutes: 60 * 24 * 7, seed: 2 ** 32 - 1, rate: 2_000 }

/** Reads the command line; throws `UsageError`. */
export function readRigOptions(words: readonly string[]): RigCommandLine {
  const values = parse(words)
  const broken = values.broken?.split(',') ?? []
  const unknown = broken.find((name) => !Object.hasOwn(variants, name))
  if (unknown !== undefined)
    throw new UsageError(`There is no variant ${unknown}.`, `The variants are ${Object.keys(variants).join(', ')}.`)
  return {
    help: values.help ?? false,
    minutes: numberOf('minutes', values.minutes) ?? 1,
    seed: numberOf('seed', values.seed),
    rate: numberOf('rate', values.rate) ?? 60,
    data: values.data,
    broken: broken as readonly Variant[],
    json: values.json ?? false,
  }
}

function parse(words: readonly string[]) {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  try {
    return parseArgs({
      args: [...words],
      options: { minutes: text, seed: text, rate: text, data: text, broken: text, json: flag, help: flag },
    }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), 'See `npm run rig -- --help`.')
  }
}

function numberOf(name: keyof typeof most, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  const isWhole = name === 'minutes' || Number.isSafeInteger(value)
  if (Number.isFinite(value) && value >= 0 && value <= most[name] && isWhole && text.trim() !== '') return value
  throw new UsageError(`--${name} is ${text}.`, `Give a number from 0 to ${most[name]}.`)
}
