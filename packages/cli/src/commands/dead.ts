// `tidings dead`: what subscribers hold, one letter in full, and the redrive that tries it again in order.

import type { Command } from 'commander'
import type { DeferredDelivery, DeferredSelection } from 'tidings/operations'
import {
  drawDead,
  drawLetter,
  drawRedrives,
  groupByError,
  type LetterContent,
  redriveCounts,
} from '../dead/draw-dead.ts'
import type { Invocation, SystemOptions } from '../invocation.ts'
import { eventJson } from '../system/event-json.ts'
import { type Operator, operate } from '../system/operator.ts'
import { effectsOf, timersOf } from '../system/pending.ts'
import { deferredWord } from '../system/source-text.ts'
import { bold, dim, green } from '../terminal/text.ts'
import { CommandFailure } from '../usage/command-failure.ts'
import { noteUnknown } from './not-running.ts'
import { action, withSelection, withSystemOptions } from './shared-options.ts'

interface SelectionOptions extends SystemOptions, DeferredSelection {
  readonly service?: string
}

/** Adds the command with its three parts. */
export function addDead(program: Command, invocation: Invocation): void {
  const dead = program.command('dead').description('dead letters: list, show, redrive')
  const list = dead
    .command('list', { isDefault: true })
    .description('list what is held, grouped by error')
    .option('--all', 'also what is retried or waits by itself')
  withSystemOptions(withSelection(list)).action(action<SelectionOptions & { all?: boolean }>(invocation, listDead))
  const show = dead.command('show').argument('<event>', 'its id or its key').description('show a held event in full')
  withSystemOptions(show).action(action<SystemOptions>(invocation, showDead))
  const again = dead
    .command('redrive')
    .description('show what a redrive would do; with --yes, do it, key by key and in order')
    .option('-y, --yes', 'do it')
  withSystemOptions(withSelection(again)).action(action<SelectionOptions & { yes?: boolean }>(invocation, redriveDead))
}

async function listDead(invocation: Invocation, options: SelectionOptions & { all?: boolean }): Promise<void> {
  await operate(invocation, options, async (operator) => {
    const { terminal } = invocation
    const held = await operator.deferred(selectionOf(options))
    const groups = groupByError(options.all === true ? held : parkedOnly(held))
    if (options.json === true) terminal.json({ groups, notKnown: operator.unknown })
    else {
      terminal.lines(drawDead(groups, Date.now(), terminal.width))
      noteUnknown(terminal, operator, 'so what they hold is not listed')
    }
  })
}

// Parked events and those that wait behind one.
function parkedOnly(held: readonly DeferredDelivery[]): readonly DeferredDelivery[] {
  return held.filter(({ state }) => state === 'parked' || state === 'blocked')
}

async function showDead(invocation: Invocation, options: SystemOptions, reference = ''): Promise<void> {
  await operate(invocation, options, async (operator) => {
    const { terminal } = invocation
    const held = await operator.deferred({})
    const letters = held.filter((letter) => isMeant(letter, reference))
    if (letters.length === 0) {
      throw new CommandFailure(
        'notFound',
        `No event with the id or key ${reference} is held.`,
        '`tidings dead list --all` lists what is held.',
      )
    }
    const found = await Promise.all(
      letters.map(async (letter) => ({ letter, content: await contentOf(operator, letter) })),
    )
    if (options.json === true) {
      terminal.json(found.map(({ letter, content }) => ({ ...letter, ...contentJson(letter, content) })))
      return
    }
    for (const [index, { letter, content }] of found.entries()) {
      if (index > 0) terminal.line()
      terminal.lines(drawLetter(letter, content, terminal.width))
    }
  })
}

// By its id or key; of a process's timer also by the instance's key, of an effect by its idempotency key.
function isMeant({ id, key, source }: DeferredDelivery, reference: string): boolean {
  if (id === reference || key === reference) return true
  return deferredWord(source) !== 'event' && (key.endsWith(`/${reference}`) || id.endsWith(`/${reference}`))
}

function contentJson({ source }: DeferredDelivery, content: LetterContent | undefined) {
  const word = deferredWord(source)
  return { [word]: content === undefined ? null : 'recordedAt' in content ? eventJson(content) : content }
}

async function contentOf(operator: Operator, letter: DeferredDelivery): Promise<LetterContent | undefined> {
  const { service, id, source } = letter
  const word = deferredWord(source)
  if (word === 'event') return eventOf(operator, letter)
  const { items } = await (word === 'timer' ? timersOf : effectsOf)(operator, { service, id, limit: 1 })
  return items[0]
}

async function eventOf(operator: Operator, { id, type, source }: DeferredDelivery) {
  const declared = operator.services.some(({ name }) => name === source)
  const [event] = await operator.events({ id, type, ...(declared ? { service: source } : {}) }, 1)
  return event
}

async function redriveDead(invocation: Invocation, options: SelectionOptions & { yes?: boolean }): Promise<void> {
  await operate(invocation, options, async (operator) => {
    const { terminal } = invocation
    const dryRun = options.yes !== true
    const redrives = await operator.redrive(selectionOf(options), dryRun)
    if (options.json === true) {
      terminal.json({ dryRun, redrives, notKnown: operator.unknown })
      return
    }
    noteUnknown(terminal, operator, 'so what they hold stays as it is')
    if (redrives.length === 0) {
      terminal.line([green('✓ '), 'Nothing that matches is parked.'])
      return
    }
    terminal.line([
      bold(dryRun ? 'Would try again ' : 'Trying again '),
      redriveCounts(redrives),
      dim(', each key in this order:'),
    ])
    terminal.lines(drawRedrives(redrives, terminal.width))
    if (dryRun) terminal.line(dim('Nothing was changed. With --yes it is done.'))
    else if (redrives.some(({ service }) => operator.stopped.includes(service)))
      terminal.line(dim('What services hold that do not run is tried when they start.'))
    else terminal.line(dim('`tidings dead list --all` shows how it goes.'))
  })
}

function selectionOf({
  service,
  subscriber,
  type,
  code,
  key,
  id,
}: SelectionOptions): DeferredSelection & { service?: string } {
  const given = Object.entries({ service, subscriber, type, code, key, id }).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given)
}
