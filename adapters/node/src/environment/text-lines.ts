// A log line as people read it: what happened on one line; below it, if something failed, the error, where your code threw it, and what to
// type next. Invariant: no text of a field can act on the terminal, start a line of its own or bring colours.

import { styleText } from 'node:util'
import type { LogLevel } from 'tidings/ports'
import { safeText } from './safe-text.ts'
import { userFrames } from './user-frames.ts'
import { wordsOfText } from './words-of-text.ts'

/** A line as the log has serialized it. */
export interface SerializedLine {
  readonly level: LogLevel
  /** The time as ISO text. */
  readonly time: string
  readonly service?: string
  readonly msg: string
  readonly [field: string]: unknown
}

type Style = Parameters<typeof styleText>[0]
type Paint = (style: Style, text: string) => string

const levelStyles: Readonly<Record<LogLevel, Style>> = { debug: 'dim', info: 'blue', warn: 'yellow', error: 'red' }
const indent = '  '

/** The hint of errors that no code of the registry describes; it says what everybody does. */
const obviousHint = 'HANDLER_FAILED'

/** How lines are drawn. */
export interface TextStyle {
  readonly coloured: boolean
  /** Columns; longer texts continue on the next line. */
  readonly width: number
}

/** The text of a line, which ends with a newline. */
export function lineText(line: SerializedLine, { coloured, width }: TextStyle): string {
  const { level, time, service, msg, error, code, hint, stack, next, ...fields } = counted(line)
  const paint: Paint = (style, text) =>
    coloured && text !== '' ? styleText(style, text, { validateStream: false }) : text
  const name = service === undefined ? '' : safeText(service)
  const before = [paint('dim', time.slice(11, 19)), paint(levelStyles[level], level.padEnd(5)), paint('bold', name)]
  const beforeWidth = 'HH:MM:SS level '.length + (name === '' ? 0 : name.length + 1)
  const [first = '', ...rest] = wrapped(safeText(msg), width - beforeWidth + indent.length)
  const more = wrapped(rest.join(' '), width)
  const head = [...before.filter((text) => text !== ''), first].join(' ')
  // A value that the command repeats is left out, such as the id of the event.
  const command = String(next).split(' --', 1)[0] ?? ''
  const told = (value: unknown) => typeof value === 'string' && value !== '' && command.endsWith(value)
  const details = Object.entries(fields)
    .filter(([, value]) => !told(value))
    .map(([name, value]) => `${safeText(name)}=${fieldText(value)}`)
    .join(' ')
  const failure = [
    ...failureLines({ error, code, stack }, paint, width),
    ...(typeof hint === 'string' && code !== obviousHint ? wrapped(safeText(hint), width) : []).map((text) =>
      paint('dim', text),
    ),
  ]
  const shown = typeof next === 'string' ? [`${paint('dim', '→')} ${paint('cyan', safeText(next))}`] : []
  const isShort = beforeWidth + first.length + 2 + details.length <= width
  if (isShort && more.length + failure.length + shown.length === 0)
    return `${details === '' ? head : `${head}  ${paint('dim', details)}`}\n`
  const below = [...more, ...wrapped(details, width).map((text) => paint('dim', text)), ...failure, ...shown]
  return `${[head, ...below.map((text) => indent + text)].join('\n')}\n`
}

// `More events failed` with a count says how many.
function counted(line: SerializedLine): SerializedLine {
  const { count, ...rest } = line
  return typeof count === 'number' && line.msg.startsWith('More ')
    ? ({ ...rest, msg: `${count} m${line.msg.slice(1)}` } as SerializedLine)
    : line
}

interface Failure {
  readonly error: unknown
  readonly code: unknown
  readonly stack: unknown
}

// An error may be given as its message, or as a whole stack that begins with its message.
function failureLines({ error, code, stack }: Failure, paint: Paint, width: number): readonly string[] {
  if (error === undefined && code === undefined) return []
  const [message, ...thrown] = splitStack(
    typeof error === 'string' ? error : error === undefined ? '' : fieldText(error),
  )
  const frames = userFrames(typeof stack === 'string' ? stack.split('\n') : thrown)
  const name = typeof code === 'string' ? safeText(code) : ''
  const [first = '', ...more] = wrapped([name, safeText(message ?? '')].filter((text) => text !== '').join('  '), width)
  return [
    paint('red', first.slice(0, name.length)) + first.slice(name.length),
    ...more,
    ...frames.map((frame) => paint('dim', `${indent}at `) + safeText(frame)),
  ]
}

// Breaks a text between words, to fit beside the indent. A command in backquotes is one word, so that it can be copied.
function wrapped(text: string, width: number): readonly string[] {
  if (text === '') return []
  const room = width - indent.length
  const lines: string[] = []
  let line = ''
  for (const each of wordsOfText(text, ({ length }) => length <= room)) {
    const word = each.trimEnd()
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

// The message, which may have several lines, and the lines of the stack.
function splitStack(text: string): readonly string[] {
  const begin = text.search(/\n\s+at /)
  return begin < 0 ? [text] : [text.slice(0, begin), ...text.slice(begin + 1).split('\n')]
}

function fieldText(value: unknown): string {
  if (typeof value !== 'string') return safeText(JSON.stringify(value) ?? String(value))
  return value === '' || /[\s"=]/.test(value) ? safeText(JSON.stringify(value)) : safeText(value)
}
