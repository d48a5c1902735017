// docs/reference/limits.md: every limit with its name, its default and its meaning, from the docstrings and the code itself.
import type { Limits } from 'tidings'
import { keyLengthMax, nameLengthMax } from 'tidings/contracts'
import { defaultLimits } from 'tidings/runtime'
import { answerBytesMax } from '../../packages/tidings/src/runtime/queries/answer-query.ts'
import { tokenCountMax, tokenLengthMax } from '../../packages/tidings/src/runtime/unit-of-work/read-token.ts'
import { membersOf } from './docstrings.ts'
import { code, grouped, page, table } from './markdown.ts'

const limits = 'packages/tidings/src/services/limits.ts'
const api = 'packages/http/src/api/api-options.ts'
const http = 'adapters/node/src/server/http-options.ts'
const watchdog = 'adapters/node/src/watchdog/watchdog-options.ts'
const processes = 'adapters/node/src/child-processes/start-processes.ts'
const sqlite = 'drivers/sqlite/src/sqlite-driver.ts'

const stated = /\s*Default: ([^.;]*)[.;]?/

/** A docstring and the default that it names. */
const splitDefault = (text: string): readonly [string, string] => [
  text.replace(stated, '').trim(),
  stated.exec(text)?.[1] ?? '',
]

const limitRows = (): readonly (readonly string[])[] =>
  membersOf(limits, 'Limits').map(({ name, text }) => {
    const [meaning, said] = splitDefault(text)
    const value = grouped(defaultLimits[name as keyof Limits])
    if (said !== value) throw new Error(`${limits}: the docstring of ${name} says ${said}, the default is ${value}`)
    return [code(name), value, meaning]
  })

const optionRows = (file: string, name: string): readonly (readonly string[])[] =>
  membersOf(file, name).flatMap((member) => {
    const [meaning, value] = splitDefault(member.text)
    return /(Max|Ms|Bytes|Pages)$/.test(member.name) ? [[code(member.name), value, meaning]] : []
  })

const head = ['limit', 'default', 'meaning']

/** The page. */
export const limitsPage = (): string =>
  page(
    'Limits',
    [limits, api, http, watchdog, processes, sqlite],
    `Every queue, batch, payload and retry has a limit with a name. Input that exceeds a limit waits, or is refused with an error that names
the limit; the tables say which.`,
    '## A service',
    'Set with `limits: { … }` in `defineService`. Each is a whole number of at least 1.',
    table(head, limitRows()),
    '## The HTTP API',
    'Set under `http` in `tidings.config.ts`.',
    table(head, [...optionRows(api, 'ApiAccessOptions'), ...optionRows(http, 'HttpOptions')]),
    '## The watchdog',
    'Set under `watchdog` in `tidings.config.ts`, or in the options of `startSystem`.',
    table(head, optionRows(watchdog, 'WatchdogOptions')),
    '## Services in processes',
    'Set as options of `startProcesses`.',
    table(head, optionRows(processes, 'ProcessesOptions')),
    '## The SQLite engine',
    'Set as options of `sqliteDriver`.',
    table(head, optionRows(sqlite, 'SqliteDriverOptions')),
    '## Fixed limits',
    table(
      ['limit', 'value', 'meaning'],
      [
        [code('nameLengthMax'), grouped(nameLengthMax), 'The longest name of anything, in characters.'],
        [code('keyLengthMax'), grouped(keyLengthMax), 'The longest key of an event, stream or row, in UTF-16 units.'],
        [code('answerBytesMax'), grouped(answerBytesMax), 'The largest answer of a query, in bytes of JSON text.'],
        [code('tokenCountMax'), grouped(tokenCountMax), 'The most tokens that a query may pass with `after`.'],
        [code('tokenLengthMax'), grouped(tokenLengthMax), 'The longest token, in characters.'],
      ],
    ),
  )
