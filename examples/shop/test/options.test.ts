// The command line: what it accepts, and how it refuses the rest.
import { expect, test } from 'vitest'
import { help, readOptions, UsageError } from '../command-line/options.ts'

const nothing = {
  help: false,
  orders: undefined,
  report: undefined,
  data: undefined,
  processes: false,
  port: undefined,
  engine: 'sqlite',
  instances: 1,
}

test('no options, and all options', () => {
  expect(readOptions([])).toEqual(nothing)
  const all = {
    help: false,
    orders: 'o',
    report: 'r',
    data: 'd',
    processes: true,
    port: 0,
    engine: 'postgres',
    instances: 4,
  }
  const engine = ['--engine', 'postgres', '--instances=4']
  expect(readOptions(['--orders', 'o', '--processes', '--report=r', '--data', 'd', '--port', '0', ...engine])).toEqual(
    all,
  )
  expect(readOptions(['--help'])).toEqual({ ...nothing, help: true })
})

test.each([
  [['--order', 'x'], 'There is no option --order.', 'Did you mean --orders?'],
  [['--proceses'], 'There is no option --proceses.', 'Did you mean --processes?'],
  [['--raport=x'], 'There is no option --raport.', 'Did you mean --report?'],
  [['--verbose'], 'There is no option --verbose.', 'See `npm start -- --help`.'],
  [['orders'], '"orders" is not an option.', 'Did you mean --orders?'],
  [['--orders'], '--orders needs a value.', 'Write --orders DIR.'],
  [['--orders', '--report', 'x'], '--orders needs a value.', 'Write --orders DIR.'],
  [['--orders', 'x'], '--orders is given without --report.', '--report FILE'],
  [['--report', 'x'], '--report is given without --orders.', '--orders DIR'],
  [['--data', 'x', '--data', 'y'], '--data is given twice.', 'Give it once.'],
  [['--port'], '--port needs a value.', 'Write --port NUMBER.'],
  [['--port', 'any'], '--port is "any", which is no port.', 'Write a number from 0 to 65535.'],
  [['--engine', 'postgre'], 'There is no engine "postgre".', 'Write --engine sqlite or --engine postgres.'],
  [['--engine'], '--engine needs a value.', 'Write --engine sqlite or --engine postgres.'],
  [['--engine', 'postgres', '--instances', '0'], '--instances is "0".', 'from 1 to 16'],
  [['--engine', 'postgres', '--instances', 'two'], '--instances is "two".', 'from 1 to 16'],
  [['--instances', '2'], 'A SQLite file has one writer, so a service has one instance.', 'Add --engine postgres.'],
  [['--processes=yes'], '--processes takes no value.', 'Write --processes alone.'],
])('%j is refused: %s', (words, message, hint) => {
  const refusal = refusalOf(words)
  expect(refusal?.message).toBe(message)
  expect(refusal?.hint).toContain(hint)
})

test('the help fits a terminal and names every option', () => {
  for (const line of help.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
  for (const option of ['--orders', '--report', '--data', '--port', '--processes', '--help'])
    expect(help).toContain(option)
})

function refusalOf(words: readonly string[]): UsageError | undefined {
  try {
    readOptions(words)
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError)
    return error as UsageError
  }
}
