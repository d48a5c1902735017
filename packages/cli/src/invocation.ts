// What every command gets: its terminal, its folder, its environment, and the signal that ends it.

import type { Terminal } from './terminal/terminal.ts'

/** The signals that end a command in order. */
export const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** One call of the command. */
export interface Invocation {
  readonly terminal: Terminal
  /** The folder in which it was called. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted when the command has to end (Ctrl-C, SIGTERM). */
  readonly interrupted: AbortSignal
  /** From now on, the command goes on without a reader of what it prints. Until then, it ends with its reader, as in `tidings events | head`. */
  outliveReaders(): void
}

/** A call of a command whose options are known. */
export interface CommandInvocation extends Invocation {
  /** Completes the commands in backquotes of a text, so that they can be typed as they are printed. */
  readonly complete: (text: string) => string
}

/** The options of every command about a system. */
export interface SystemOptions {
  /** The configuration file, or its folder. */
  readonly config?: string
  /** The data folder. */
  readonly data?: string
  /** Prints JSON instead of text. */
  readonly json?: boolean
}
