// The commands that this command prints, in hints and below lists: they can be typed as they are, with the options that this one was given.

import { completedText, tidingsCall } from '@tidings/node/output'
import { shellWord } from 'tidings/errors'
import type { Invocation, SystemOptions } from '../invocation.ts'

/** Completes the commands in backquotes of a text. */
export type Complete = (text: string) => string

/** How the commands in texts of a command with these options are completed. */
export function completer({ env }: Pick<Invocation, 'env'>, { config = '.', data }: SystemOptions = {}): Complete {
  const options = [
    ...(config === '.' ? [] : [`--config ${shellWord(config)}`]),
    ...(data === undefined ? [] : [`--data ${shellWord(data)}`]),
  ].join(' ')
  const form = { call: tidingsCall(env), options }
  return (text) => completedText(text, form)
}

/** A failure of a command, with the completion of its hint. */
export class FailedCommand extends Error {
  override readonly name = 'FailedCommand'
  readonly complete: Complete

  constructor(cause: unknown, complete: Complete) {
    super('A command failed', { cause })
    this.complete = complete
  }
}
