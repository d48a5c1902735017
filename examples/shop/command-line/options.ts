// The options after `npm start --`. Invariant: an unknown option is refused, with the nearest known one.
import { nearest } from './nearest.ts'

/** An engine of the shop. */
export type Engine = 'sqlite' | 'postgres'

/** The options of the shop. */
export interface ShopOptions {
  /** Prints the help only. */
  readonly help: boolean
  /** The folder of the orders to import; `undefined`: orders are generated until the shop is interrupted. */
  readonly orders: string | undefined
  /** The file for the import's report; given if `orders` is. */
  readonly report: string | undefined
  /** The folder for all data of the shop; `undefined`: the folder of the configuration. */
  readonly data: string | undefined
  /** Runs each service in its own process. */
  readonly processes: boolean
  /** Where the services keep their data: a file for each, or a Postgres that starts by itself. */
  readonly engine: Engine
  /** The number of processes: of every service with `processes`, otherwise of the whole shop; 1 without `processes`: this process. */
  readonly instances: number
  /** The port of the HTTP API; `undefined`: that of the configuration, or any if it is taken. */
  readonly port: number | undefined
}

/** A wrong command line: the message says what is wrong, the hint says what to do. */
export class UsageError extends Error {
  readonly hint: string

  constructor(message: string, hint: string) {
    super(message)
    this.hint = hint
  }
}

/** What `--help` shows. */
export const help = `The shop: seven autonomous services that hear of each other through events only.

  npm start                                  sells generated orders until Ctrl-C
  npm start -- --orders DIR --report FILE    imports the orders of a folder

  --orders DIR    the folder of the Olist CSV files to import
  --report FILE   the file for the report of the import (JSON)
  --data DIR      the folder of the databases (default: .tidings); generated
                  orders are in its subfolder "generated", so that an import
                  does not count them
  --port NUMBER   the port of the HTTP API (default: 4747, or any free port if
                  that is taken; 0 takes any)
  --processes     runs each service in its own process, and restarts it if it
                  dies
  --engine NAME   sqlite (the default), or postgres, which starts by itself
  --instances N   with --engine postgres: runs N processes of the whole shop, or
                  of every service if --processes is given, on the same stores
  --help          prints this text

Exit codes: 0 done, or ended with Ctrl-C; 1 something failed; 2 the command
line is wrong; 130 an import was interrupted.
`

const withValue = ['--orders', '--report', '--data', '--port', '--engine', '--instances'] as const
const placeholders: Readonly<Record<string, string>> = {
  '--report': 'FILE',
  '--port': 'NUMBER',
  '--engine': 'sqlite or --engine postgres',
  '--instances': 'NUMBER',
}
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
        throw new UsageError(`${name} needs a value.`, `Write ${name} ${placeholders[name] ?? 'DIR'}.`)
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
    port: portOf(values.get('--port')),
    engine: engineOf(values.get('--engine') ?? 'sqlite'),
    instances: instancesOf(values.get('--instances') ?? '1'),
  }
  return options.help ? options : complete(options)
}

function complete(options: ShopOptions): ShopOptions {
  if (options.orders !== undefined && options.report === undefined)
    throw new UsageError('--orders is given without --report.', 'Say where the report goes: --report FILE.')
  if (options.report !== undefined && options.orders === undefined)
    throw new UsageError('--report is given without --orders.', 'Say which orders to import: --orders DIR.')
  if (options.instances > 1 && options.engine === 'sqlite')
    throw new UsageError('A SQLite file has one writer, so a service has one instance.', 'Add --engine postgres.')
  return options
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new UsageError(`--port is ${JSON.stringify(text)}, which is no port.`, 'Write a number from 0 to 65535.')
}

const engines: readonly Engine[] = ['sqlite', 'postgres']

function engineOf(text: string): Engine {
  const engine = engines.find((each) => each === text)
  if (engine !== undefined) return engine
  throw new UsageError(`There is no engine ${JSON.stringify(text)}.`, 'Write --engine sqlite or --engine postgres.')
}

/** The most instances on one machine: what is tried here, not what a system can have. */
const instancesMax = 16

function instancesOf(text: string): number {
  if (/^\d{1,2}$/.test(text) && Number(text) >= 1 && Number(text) <= instancesMax) return Number(text)
  throw new UsageError(
    `--instances is ${JSON.stringify(text)}.`,
    `Write the number of processes, from 1 to ${instancesMax}.`,
  )
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
