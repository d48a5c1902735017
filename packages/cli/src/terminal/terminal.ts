// Where the command prints: results go to stdout, everything else to stderr, colours only where somebody looks.

import { rendered, type Text } from './text.ts'

/** Where the command prints. */
export interface Terminal {
  /** Columns of stdout; 100 where it is no terminal. */
  readonly width: number
  /** Whether stdout is a terminal. */
  readonly interactive: boolean
  /** Whether stderr is a terminal: progress is drawn there. */
  readonly lively: boolean
  /** Writes a line to stdout. */
  line(text?: Text): void
  /** Writes lines to stdout. */
  lines(texts: readonly Text[]): void
  /** Writes a value as JSON to stdout: indented for people, one line where `compact`. */
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

/** The width where stdout is no terminal, in columns. */
const widthElsewhere = 100
/** The least width that is drawn for, in columns. */
const widthMin = 40

/** Creates a terminal on two streams. */
export function createTerminal({ stdout, stderr, env }: TerminalOptions): Terminal {
  const coloursOn = (stream: Output): boolean => {
    if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false
    if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '0') return true
    return stream.isTTY === true && env.TERM !== 'dumb'
  }
  const width = Math.max(widthMin, (stdout.isTTY === true ? stdout.columns : undefined) ?? widthElsewhere)
  const line = (text: Text = '') => {
    stdout.write(`${rendered(text, coloursOn(stdout)).trimEnd()}\n`)
  }
  return {
    width,
    interactive: stdout.isTTY === true,
    lively: stderr.isTTY === true && env.TERM !== 'dumb',
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

// JSON escapes C0 by itself; what else a terminal would act on is written as an escape too, which is the same JSON.
function safeJson(value: unknown, compact: boolean): string {
  const text = JSON.stringify(value, undefined, compact ? undefined : 2)
  return text.replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
