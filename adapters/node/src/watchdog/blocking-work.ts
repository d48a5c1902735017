// Works out what blocks the main thread, from its stack and from what its services have in progress.
// Invariant: nothing is named unless it is certain; a process that executes a command blames the delivery that it executes it for.

import type { WorkInProgress } from 'tidings/runtime'
import { userFrames } from '../environment/user-frames.ts'
import type { MainThread } from './ask-main-thread.ts'

/** What blocks the main thread. */
export interface Blocking {
  /** `undefined` if it is not known for certain. */
  readonly work: WorkInProgress | undefined
  /** What it may be, if it is not known for certain. */
  readonly candidates: readonly WorkInProgress[]
  /** The innermost function of your own code, or else of any code, with its line. */
  readonly where: string | undefined
}

// Which part of the runtime is on the stack while a kind of work is in progress. A delivery may execute a command, so deliveries come first.
const partsOf: readonly (readonly [WorkInProgress['kind'], RegExp])[] = [
  ['delivery', /[\\/]runtime[\\/](?:delivery|handlers|process-managers)[\\/]/],
  ['command', /[\\/]runtime[\\/]commands[\\/]/],
  ['query', /[\\/]runtime[\\/]queries[\\/]/],
]

/** Works out what blocks the main thread. */
export function blockingWork({ stack, account }: MainThread): Blocking {
  const where = userFrames(stack)[0] ?? stack[0]?.trim().replace(/^at /, '')
  const { work = [], call, delivery } = account ?? {}
  const kindOf = (lines: readonly string[]) => partsOf.find(([, part]) => lines.some((line) => part.test(line)))?.[0]
  // What was called without an `await` in between is what began last.
  const called = kindOf(stack.filter((line) => !/^\s+at async /.test(line)))
  const latest = called === 'delivery' ? delivery : called === call?.kind ? call : undefined
  if (latest !== undefined) return { work: latest, candidates: [], where }
  const kind = kindOf(stack)
  const candidates = kind === undefined ? work : work.filter((each) => each.kind === kind)
  return candidates.length === 1
    ? { work: candidates[0], candidates: [], where }
    : { work: undefined, candidates, where }
}

const nouns: Readonly<Record<string, string>> = { '~facts': 'fact', '~timers': 'timer', '~effects': 'effect' }

/** The fields of a log line that name a piece of work. */
export function fieldsOfWork({
  kind,
  name,
  id,
  subscriber,
  source = '',
}: WorkInProgress): Readonly<Record<string, unknown>> {
  if (kind !== 'delivery') return { [kind]: name, id }
  return { [nouns[source] ?? 'event']: id, type: name, subscriber, source }
}

/** A piece of work in words: `command place-order of orders`. */
export function workText({ kind, name, service, subscriber, source = '' }: WorkInProgress): string {
  if (kind !== 'delivery') return `${kind} ${name} of ${service}`
  return `${nouns[source] ?? 'event'} ${name} in ${subscriber} of ${service}`
}
