// A failure of a command, for people and for scripts: each ends the command with an exit code other than 0.

import { safeText } from '@tidings/node/output'
import { isInstance, isTidingsError, messageOfThrown, type TidingsError } from 'tidings/errors'
import { noteSentence } from '../terminal/sentence.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { bold, dim, red, type Text } from '../terminal/text.ts'
import { type ExitCode, exitCodeOf, exitCodes } from './exit-codes.ts'

const failureKinds = ['usage', 'notRunning', 'notFound', 'refused', 'incomplete', 'failed'] as const

/** The kinds of failures: each has its exit code. */
export type FailureKind = (typeof failureKinds)[number]

/** Whether a word names a kind of failure. */
export function isFailureKind(word: string): word is FailureKind {
  return (failureKinds as readonly string[]).includes(word)
}

const ownCode = (kind: FailureKind): string => kind.replace(/[A-Z]/g, '_$&').toUpperCase()
const ownCodes: ReadonlySet<string> = new Set(failureKinds.map(ownCode))

/** A failure of the command itself, as opposed to an error of the registry. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
  /** The exit code of the command. */
  readonly exitCode: ExitCode
  /** A word for scripts: `USAGE`, `NOT_RUNNING`, `NOT_FOUND`, `REFUSED`, `INCOMPLETE`, `FAILED`, or a code of the registry if the failure repeats one. */
  readonly code: string
  /** What to do next. */
  readonly hint: string | undefined

  /** @param code - the code of an error of the registry, if this failure repeats one. */
  constructor(kind: FailureKind, message: string, hint?: string, code?: string) {
    super(message)
    this.exitCode = exitCodes[kind]
    this.code = code ?? ownCode(kind)
    this.hint = hint
  }
}

/** A failure as it is printed. */
export interface ShownFailure {
  readonly code: string
  readonly message: string
  readonly hint: string | undefined
  readonly exitCode: ExitCode
}

/** The code, message, hint and exit code of anything that was thrown. */
export function failureOf(error: unknown): ShownFailure {
  if (isInstance(error, CommandFailure)) {
    const { code, message, hint, exitCode } = error
    return { code, message, hint, exitCode }
  }
  if (isTidingsError(error)) {
    const { code, message } = error
    return { code, message, hint: hintOf(error), exitCode: exitCodeOf(code) }
  }
  const message = messageOfThrown(error)
  return { code: 'FAILED', message, hint: undefined, exitCode: exitCodes.failed }
}

// The details of an error are not printed. If the hint points to a list in the details, the list itself becomes the hint.
function hintOf({ hint, details }: TidingsError): string | undefined {
  if (!hint.includes('listed in the details')) return hint
  const list = Object.values(details).find((value) => Array.isArray(value))
  return list === undefined ? undefined : `Available: ${list.join(', ')}.`
}

/** Prints a failure on stderr, its hint with commands that are completed, and returns the exit code. */
export function showFailure(
  terminal: Terminal,
  error: unknown,
  json: boolean,
  complete: (text: string) => string,
): ExitCode {
  const { code, message, hint: given, exitCode } = failureOf(error)
  const hint = given === undefined ? undefined : complete(given)
  if (json) {
    terminal.note(JSON.stringify({ error: { code, message: safeText(message), hint: hint ?? null } }))
    return exitCode
  }
  const named: Text = ownCodes.has(code) ? '' : dim(`  ${code}`)
  noteSentence(terminal, red(bold('✗ ')), [message, named])
  if (hint !== undefined) noteSentence(terminal, '  ', dim(hint))
  return exitCode
}
