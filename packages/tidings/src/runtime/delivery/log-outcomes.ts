// What an operator reads in the log about deliveries that fail: the first failure, the parking and the recovery of each, with the command
// that shows more. Invariant: a line names the event, its key and the error, and never contains the event's data.

import { errorRegistry } from '../../errors/index.ts'
import { shellWord } from '../../errors/shell-word.ts'
import type { LogLevel } from '../../ports/index.ts'
import { shownKey } from '../delivery-readers/schedule-reader.ts'
import type { ErrorSummary } from '../failures/error-summary.ts'
import type { DeferredEvent } from './deferred-event.ts'
import type { Subscription } from './subscription.ts'

/** A row that is still missing at this try has not just been overtaken by the event that needs it. */
const longWaits = 5

/** Logs what a commit has changed: the events that failed, and those that were handled after failures. */
export function logOutcomes(
  subscription: Subscription,
  deferred: readonly DeferredEvent[],
  settled: readonly DeferredEvent[],
): void {
  for (const event of deferred) logDeferred(subscription, event)
  for (const event of settled) logHandled(subscription, event)
}

function logDeferred(subscription: Subscription, event: DeferredEvent): void {
  const { state, attempts, waits } = event
  if (state === 'parked')
    write(subscription, event, {
      level: 'error',
      what: subscription.scope === 'itself' ? 'was parked' : 'was parked; later events of its key wait behind it',
      more: 'More events were parked for the same reason',
      fields: { attempts },
    })
  else if (state === 'retrying' && attempts === 1)
    write(subscription, event, {
      level: 'warn',
      what: 'failed and is retried',
      more: 'More events failed for the same reason',
      fields: retryFields(subscription, event, attempts),
    })
  else if (state === 'running')
    write(subscription, event, {
      level: 'warn',
      what: 'takes long; its handler goes on by itself, and later events of its key wait for it',
      more: 'More handlers take long',
      fields: { batchMsMax: subscription.limits.batchMsMax },
    })
  else if (state === 'waiting' && (waits === 1 || waits === longWaits) && !pausesAll(event))
    write(subscription, event, {
      level: waits === 1 ? 'debug' : 'warn',
      what: waits === 1 ? 'waits' : 'still waits',
      more: 'More events wait for the same reason',
      fields: retryFields(subscription, event, waits),
    })
}

// If something is unavailable, the subscription pauses, and its line says so once for all of its events.
function pausesAll({ error }: DeferredEvent): boolean {
  const known: Readonly<Record<string, { readonly retry: string }>> = errorRegistry
  return error !== undefined && known[error.code]?.retry === 'unavailable'
}

function logHandled(subscription: Subscription, event: DeferredEvent): void {
  const { state, attempts, waits, attemptsBefore } = event
  const neverFailed = attempts === 0 && waits === 0 && attemptsBefore === undefined
  if (state === 'blocked' || neverFailed || (attempts === 0 && waits > 0 && (waits < longWaits || pausesAll(event))))
    return
  const redriven = attempts === 0 && waits === 0
  write(subscription, event, {
    level: 'info',
    what: redriven ? 'was handled after its redrive' : 'was handled after failures',
    more: 'More events were handled after failures',
    fields: redriven ? {} : { failures: attempts + waits },
  })
}

function retryFields({ core, limits }: Subscription, { dueAt, state }: DeferredEvent, attempt: number) {
  const counted = state === 'retrying' ? { attemptsMax: limits.attemptsMax } : {}
  return { attempt, ...counted, retryInMs: dueAt - core.environment.clock.now() }
}

interface OutcomeLine {
  readonly level: LogLevel
  /** What happened to it: `failed and is retried`. */
  readonly what: string
  /** The message of the line that counts the others. */
  readonly more: string
  readonly fields: Readonly<Record<string, unknown>>
}

function write(subscription: Subscription, event: DeferredEvent, { level, what, more, fields }: OutcomeLine): void {
  const { core, subscriber, source } = subscription
  const word = wordOf(source)
  const { id, type } = event
  const key = shownKey(source, event.key)
  const error = level === 'info' || event.error === undefined ? undefined : event.error
  const shared = { subscriber, source, ...(error === undefined ? {} : { code: error.code }) }
  core.repeatedLines.write({
    level,
    message: `${word.article} ${word.noun} ${what}`,
    cause: [what, subscriber, source, type, ...(event.handlers ?? []), ...reasonOf(key, error)].join('\n'),
    fields: {
      type,
      key,
      [word.noun]: id,
      ...shared,
      ...fields,
      ...(error === undefined ? {} : { error: error.message, hint: error.hint, stack: error.stack }),
      ...(level === 'info' ? {} : { next: lookCloser(word.noun, event) }),
    },
    summary: {
      message: more.replace('events', `${word.noun}s`),
      fields: {
        ...{ type, ...shared },
        ...(error === undefined ? {} : { error: error.message }),
        ...(level === 'info' ? {} : { next: `npx tidings dead${listOf(event)}` }),
      },
    },
  })
}

// Where it was thrown and what it said, because one place may throw for many reasons, and a thrown text has no place. Words with a digit
// and what is in quotes are mostly ids, keys and times, and would make a cause of each event.
function reasonOf(key: string, error: ErrorSummary | undefined): readonly string[] {
  if (error === undefined) return []
  const message = error.message
    .replaceAll(key, '')
    .replace(/"[^"]*"/g, '""')
    .replace(/[\w.:-]*\d[\w.:-]*/g, '#')
  return [error.code, error.stack?.split('\n', 1)[0] ?? '', message]
}

const ownSources: Readonly<Record<string, { readonly article: string; readonly noun: string }>> = {
  '~timers': { article: 'A', noun: 'timer' },
  '~effects': { article: 'An', noun: 'effect' },
  '~facts': { article: 'A', noun: 'fact' },
}

/** What a source holds, as the log calls it: `An event`. */
export function wordOf(source: string): { readonly article: string; readonly noun: string } {
  return ownSources[source] ?? { article: 'An', noun: 'event' }
}

/** The command that shows more about a deferred event. */
function lookCloser(noun: string, { id, type, state }: DeferredEvent): string {
  return noun === 'event' && state !== 'parked'
    ? `npx tidings why ${shellWord(`${type}/${id}`)}`
    : `npx tidings dead show ${shellWord(id)}`
}

function listOf({ state }: DeferredEvent): string {
  return state === 'parked' ? '' : ' list --all'
}
