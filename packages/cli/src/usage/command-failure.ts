// Why a command ends with something else than 0, in a form that a person and a script can read.

import { isTidingsError, type TidingsError } from 'tidings'
import { safeText } from '../terminal/safe-text.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { bold, dim, red, type Text } from '../terminal/text.ts'
import { type ExitCode, exitCodeOf, exitCodes } from './exit-codes.ts'

const failureKinds = ['usage', 'notRunning', 'notFound', 'refused', 'failed'] as const

/** The kinds of failures: each has its exit code. */
export type FailureKind = (typeof failureKinds)[number]

/** Whether a word names a kind of failure. */
export function isFailureKind(word: string): word is FailureKind {
  return (failureKinds as readonly string[]).includes(word)
}

/** A failure of the command itself, as opposed to those of the registry. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
  /** With what the command ends. */
  readonly exitCode: ExitCode
  /** A word for scripts: `USAGE`, `NOT_RUNNING`, `NOT_FOUND`, `REFUSED`, `FAILED`. */
  readonly code: string
  /** What to do next. */
  readonly hint: string | undefined

  constructor(kind: FailureKind, message: string, hint?: string) {
    super(message)
    this.exitCode = exitCodes[kind]
    this.code = kind.replace(/[A-Z]/g, '_$&').toUpperCase()
    this.hint = hint
  }
}

/** A failure as it is shown. */
export interface ShownFailure {
  readonly code: string
  readonly message: string
  readonly hint: string | undefined
  readonly exitCode: ExitCode
}

/** What an error says, whatever was thrown. */
export function failureOf(error: unknown): ShownFailure {
  if (error instanceof CommandFailure) {
    const { code, message, hint, exitCode } = error
    return { code, message, hint, exitCode }
  }
  if (isTidingsError(error)) {
    const { code, message } = error
    return { code, message, hint: hintOf(error), exitCode: exitCodeOf(code) }
  }
  const message = error instanceof Error ? error.message || error.name : String(error)
  return { code: 'FAILED', message, hint: undefined, exitCode: exitCodes.failed }
}

// Some hints point to a list in the details, which is not printed: the list itself says more.
function hintOf({ hint, details }: TidingsError): string | undefined {
  if (!hint.includes('listed in the details')) return hint
  const list = Object.values(details).find((value) => Array.isArray(value))
  return list === undefined ? undefined : `There are ${list.join(', ')}.`
}

/** Shows a failure on stderr and gives the exit code. */
export function showFailure(terminal: Terminal, error: unknown, json: boolean): ExitCode {
  const { code, message, hint, exitCode } = failureOf(error)
  if (json) {
    terminal.note(JSON.stringify({ error: { code, message: safeText(message), hint: hint ?? null } }))
    return exitCode
  }
  const named: Text = error instanceof CommandFailure ? '' : dim(`  ${code}`)
  terminal.note([red(bold('✗ ')), message, named])
  if (hint !== undefined) terminal.note(['  ', dim(hint)])
  return exitCode
}
