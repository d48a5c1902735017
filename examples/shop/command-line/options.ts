// What was typed behind `npm start --`. Invariant: whatever is not understood is refused, with what was probably meant.
import { nearest } from './nearest.ts'

/** What the shop is to do. */
export interface ShopOptions {
  /** Only the help is asked for. */
  readonly help: boolean
  /** The folder whose orders are imported; `undefined`: orders are made up until interrupted. */
  readonly orders: string | undefined
  /** The file the import's report is written to; there where `orders` is. */
  readonly report: string | undefined
  /** The folder for everything the shop keeps; `undefined`: as the configuration says. */
  readonly data: string | undefined
  /** Each service in a process of its own. */
  readonly processes: boolean
}

/** A command line that is not understood: one sentence of what is wrong, one of what to do. */
export class UsageError extends Error {
  readonly hint: string

  constructor(message: string, hint: string) {
    super(message)
    this.hint = hint
  }
}

/** What `--help` shows. */
export const help = `The shop: seven autonomous services that hear of each other through events only.

  npm start                                  orders are made up until Ctrl-C
  npm start -- --orders DIR --report FILE    the orders of a folder are imported

  --orders DIR    the folder of the Olist CSV files to import
  --report FILE   where the import's report goes (JSON)
  --data DIR      where the databases live (default: .tidings); made-up orders
                  have a folder "generated" of their own in it, so that no
                  import counts them
  --processes     each service in a process of its own, which is started again
                  when it dies
  --help          this text

Ends with 0 when all is done or Ctrl-C was pressed, 1 when something failed,
2 when the command line was not understood, 130 when an import was interrupted.
`

const withValue = ['--orders', '--report', '--data'] as const
const switches = ['--processes', '--help', '-h'] as const
const seeHelp = 'See `npm start -- --help`.'

/** Reads the command line; throws `UsageError`. */
export function readOptions(words: readonly string[]): ShopOptions {
  const values = new Map<string, string>()
  const set = new Set<string>()
  for (let index = 0; index < words.length; index++) {
    const [name = '', given] = splitOption(words[index] ?? '')
    if (isOneOf(withValue, name)) {
      const value = given ?? words[++index]
      if (value === undefined || value === '' || (given === undefined && value.startsWith('--'))) {
        throw new UsageError(`${name} needs a value.`, `Write ${name} ${name === '--report' ? 'FILE' : 'DIR'}.`)
      }
      if (values.has(name)) throw new UsageError(`${name} is given twice.`, 'Give it once.')
      values.set(name, value)
    } else if (isOneOf(switches, name)) {
      if (given !== undefined) throw new UsageError(`${name} takes no value.`, `Write ${name} alone.`)
      set.add(name)
    } else throw unknown(words[index] ?? '', name)
  }
  const options = {
    help: set.has('--help') || set.has('-h'),
    orders: values.get('--orders'),
    report: values.get('--report'),
    data: values.get('--data'),
    processes: set.has('--processes'),
  }
  return options.help ? options : complete(options)
}

function complete(options: ShopOptions): ShopOptions {
  if (options.orders !== undefined && options.report === undefined)
    throw new UsageError('--orders is given without --report.', 'Say where the report goes: --report FILE.')
  if (options.report !== undefined && options.orders === undefined)
    throw new UsageError('--report is given without --orders.', 'Say which orders to import: --orders DIR.')
  return options
}

function splitOption(word: string): [string, string | undefined] {
  const at = word.startsWith('--') ? word.indexOf('=') : -1
  return at === -1 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)]
}

function isOneOf<const Names extends readonly string[]>(names: Names, name: string): name is Names[number] {
  return names.includes(name)
}

function unknown(word: string, name: string): UsageError {
  const meant = nearest(name, [...withValue, ...switches])
  const what = name.startsWith('-') ? `There is no option ${name}.` : `${JSON.stringify(word)} is not an option.`
  return new UsageError(what, meant === undefined ? seeHelp : `Did you mean ${meant}? ${seeHelp}`)
}
