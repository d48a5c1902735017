// What was typed behind `npm run rig --`. Invariant: whatever is not understood is refused.
import { parseArgs } from 'node:util'
import { UsageError } from '../command-line/options.ts'
import { type Variant, variants } from './broken.ts'

/** What the rig is to do. */
export interface RigWords {
  readonly help: boolean
  /** How long faults are loose, over all rounds. */
  readonly minutes: number
  readonly seed: number | undefined
  /** Commands a second. */
  readonly rate: number
  /** Where everything is kept; `undefined`: in a folder of its own that a sound run removes. */
  readonly data: string | undefined
  readonly broken: readonly Variant[]
  readonly json: boolean
}

/** What `--help` shows. */
export const help = `The kill rig: the shop in processes, killed at random for minutes or hours.

  npm run rig -- [--minutes N] [--seed N] [--json]

  --minutes N     how long faults are loose (default: 1); above 5 in rounds of
                  5 minutes, each with its own seed and databases
  --seed N        what faults, load and choices follow from (default: any)
  --rate N        commands a second (default: 60)
  --data DIR      where databases, log and ledger go; kept (default: a folder
                  that is removed after a sound run)
  --broken NAMES  breaks the shop on purpose, to see it found: ${Object.keys(variants).slice(0, 2).join(',')},
                  ${Object.keys(variants).slice(2).join(',')}
  --json          the report as JSON, one line a round
  --help          this text

Ends with 0 when every round was sound, 1 when something was found or a crash
point was never hit, 2 when the command line was not understood.
`

const most = { minutes: 60 * 24 * 7, seed: 2 ** 32 - 1, rate: 2_000 }

/** Reads the command line; throws `UsageError`. */
export function readRigOptions(words: readonly string[]): RigWords {
  const values = parse(words)
  const broken = values.broken?.split(',') ?? []
  const unknown = broken.find((name) => !Object.hasOwn(variants, name))
  if (unknown !== undefined)
    throw new UsageError(`There is no variant ${unknown}.`, `There are ${Object.keys(variants).join(', ')}.`)
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
