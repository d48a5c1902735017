// Where the command prints: results go to stdout, everything else to stderr, colours only to a terminal.

import { safeJsonText } from '@tidings/node/output'
import { rendered, type Text } from './text.ts'

/** Where the command prints. */
export interface Terminal {
  /** Columns of stdout; 100 if it is not a terminal. */
  readonly width: number
  /** Columns of stderr; unlimited if it is not a terminal. */
  readonly noteWidth: number
  /** Whether stdout is a terminal. */
  readonly interactive: boolean
  /** Whether stderr is a terminal that can show progress. */
  readonly showsProgress: boolean
  /** Writes a line to stdout. */
  line(text?: Text): void
  /** Writes lines to stdout. */
  lines(texts: readonly Text[]): void
  /** Writes a value as JSON to stdout: indented, or on one line if `compact`. */
  json(value: unknown, compact?: boolean): void
  /** Writes a line to stderr. */
  note(text: Text): void
}

/** What a terminal needs of a process. */
export interface TerminalOptions {
  /** Where results go. */
  readonly stdout: Output
  /** Where notes and errors go. */
  readonly stderr: Output
  /** The environment: `NO_COLOR`, `FORCE_COLOR`, `TERM`. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/** A stream that may be a terminal. */
export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

/** The width if stdout is not a terminal, in columns. */
const widthElsewhere = 100
/** The smallest width that lines are made for, in columns. */
const widthMin = 40

/** Creates a terminal on two streams. */
export function createTerminal({ stdout, stderr, env }: TerminalOptions): Terminal {
  const coloursOn = (stream: Output): boolean => {
    if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false
    if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '0') return true
    return stream.isTTY === true && env.TERM !== 'dumb'
  }
  const columnsOf = (stream: Output, elsewhere: number): number =>
    Math.max(widthMin, (stream.isTTY === true ? stream.columns : undefined) ?? elsewhere)
  const line = (text: Text = '') => {
    stdout.write(`${rendered(text, coloursOn(stdout)).trimEnd()}\n`)
  }
  return {
    width: columnsOf(stdout, widthElsewhere),
    noteWidth: columnsOf(stderr, Number.POSITIVE_INFINITY),
    interactive: stdout.isTTY === true,
    showsProgress: stderr.isTTY === true && env.TERM !== 'dumb',
    line,
    lines: (texts) => {
      for (const text of texts) line(text)
    },
    json: (value, compact = false) => {
      stdout.write(`${safeJson(value, compact)}\n`)
    },
    note: (text) => {
      stderr.write(`${rendered(text, coloursOn(stderr)).trimEnd()}\n`)
    },
  }
}

function safeJson(value: unknown, compact: boolean): string {
  return safeJsonText(JSON.stringify(value, undefined, compact ? undefined : 2))
}
