// What every command gets: where it prints, where it was called, and what ends it.

import type { Terminal } from './terminal/terminal.ts'

/** The surroundings of one call of the command. */
export interface Invocation {
  readonly terminal: Terminal
  /** The folder it was called in. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted when the person asks it to end (Ctrl-C, SIGTERM). */
  readonly interrupted: AbortSignal
}

/** The options that every command about a system takes. */
export interface SystemOptions {
  /** The configuration's file or folder. */
  readonly config?: string
  /** The folder of the system's data. */
  readonly data?: string
  /** Prints JSON instead of text. */
  readonly json?: boolean
}
