// The history of an instance of a process manager: the input, facts and outputs of each step; then its state and what is pending.
// Invariant: all signs are in one column. A line that is too long continues below; a long value is cut and marked.

import type { PendingEffect, PendingTimer, ProcessHistory, ShownFact, ShownStep } from 'tidings/operations'
import { bold, cyan, dim, green, magenta, padded, red, type Text, widthOf, wrapped, yellow } from '../terminal/text.ts'
import { agoText, clockText, countOf, countText, dayText, durationText, momentText } from '../terminal/time-text.ts'
import { dueText } from './due-text.ts'

/** How a history is drawn. */
export interface HistoryDrawing {
  readonly now: number
  /** Columns of the terminal. */
  readonly width: number
}

/** How many lines of one value are shown at most. */
const valueLinesMax = 4

/** Draws a history. */
export function drawHistory(history: ProcessHistory, drawing: HistoryDrawing): readonly Text[] {
  const { earlier, steps } = history
  const numberWidth = Math.max(2, ...steps.map(({ number }) => String(number).length + 1))
  let day = ''
  return [
    ...headLines(history, drawing),
    '',
    ...(earlier === undefined
      ? []
      : [dim(`… ${countOf(earlier - 1, 'earlier step')}; show them with --before ${earlier}`)]),
    ...steps.flatMap((step) => {
      const lines: Text[] = []
      if (dayText(step.at) !== day) lines.push(dim(`${dayText(step.at)} (UTC)`))
      day = dayText(step.at)
      return [...lines, ...stepLines(step, history, numberWidth, drawing)]
    }),
    '',
    ...stateLines(history, drawing),
    ...pendingLines('timers', history.timers, drawing),
    ...pendingLines('effects', history.effects, drawing),
  ]
}

function headLines({ instance }: ProcessHistory, { now, width }: HistoryDrawing): readonly Text[] {
  const { service, process, key, state, run, steps, startedAt, endedAt } = instance
  const facts = [
    ...(run === 1 ? [] : [`run ${countText(run)}`]),
    countOf(steps, 'step'),
    `started ${momentText(startedAt).slice(0, 19)}, ${agoText(now - startedAt)}`,
    ...(endedAt === undefined ? [] : [`ended after ${durationText(Math.max(0, endedAt - startedAt))}`]),
  ]
  const name: Text = [dim(`${service}/`), bold(process), '  ', bold(cyan(key))]
  const head: Text = [name, '  ', state === 'running' ? green(state) : dim(state)]
  return [...wrapped(head, width), ...wrapped(dim(`  ${facts.join(' · ')}`), width)]
}

function stepLines(
  step: ShownStep,
  { effects }: ProcessHistory,
  numberWidth: number,
  { width }: HistoryDrawing,
): readonly Text[] {
  const number = dim(padded(`#${step.number}`, numberWidth, 'right'))
  const indent = ' '.repeat(numberWidth + 2)
  const pending = new Map(effects.map((effect) => [effect.idempotencyKey, effect]))
  const out: readonly (readonly Text[])[] = [
    ...step.facts.map((fact) => factLines(fact, width - indent.length)),
    ...step.executed.map(({ command, rejected }) => [
      [magenta('» '), magenta(command), rejected === undefined ? '' : [red('  rejected '), rejected]] as Text,
    ]),
    ...step.published.map(({ type, id }) => named([green('→ '), cyan(type)], id, width - indent.length)),
    ...step.requested.map(({ effect, id }) => [requestText(effect, pending.get(id))]),
    ...step.timers.map(({ name, dueAt }) => [timerText(name, dueAt, step)]),
    ...(step.ended === true ? [[[yellow('■ '), bold('ended')] as Text]] : []),
  ]
  const came = [dim(clockText(step.at)), '  ', inputText(step)] as Text
  const room = width - indent.length
  const [first = '', ...more] = named(came, step.input.id ?? '', room).flatMap((line) => wrapped(line, room))
  return [
    [number, '  ', first],
    ...more.map((line): Text => [indent, line]),
    ...(out.length === 0 ? [[indent, dim('no facts, no output')] as Text] : []),
    ...out
      .flat()
      .flatMap((line) => wrapped(line, room))
      .map((line): Text => [indent, line]),
  ]
}

function inputText({ input, at, occurredAt }: ShownStep): Text {
  if (input.kind === 'timer') {
    const late = input.lateMs ?? 0
    return [yellow('◷ '), bold(input.name), late < 1_000 ? dim('  on time') : yellow(`  ${durationText(late)} late`)]
  }
  const since = at - occurredAt
  return [cyan('← '), bold(cyan(input.name)), since < 1_000 ? '' : dim(`  ${durationText(since)} after it occurred`)]
}

// If there is room, an id goes after what it names; otherwise it goes on the next line.
function named(text: Text, id: string, width: number): readonly Text[] {
  if (id === '') return [text]
  if (widthOf(text) + 2 + widthOf(id) <= width) return [[text, '  ', dim(id)]]
  return [text, ['  ', dim(id)]]
}

function factLines({ type, data, omittedBytes }: ShownFact, width: number): readonly Text[] {
  const value = omittedBytes === undefined ? JSON.stringify(data) : `… ${countText(omittedBytes)} characters`
  const lines = wrapped([bold(type), '  ', dim(value)], width - 2)
  const shown = lines.slice(0, valueLinesMax)
  return [
    ...shown.map((line, index): Text => [index === 0 ? '● ' : '  ', line]),
    ...(lines.length > shown.length ? [dim('  … --json shows all of it')] : []),
  ]
}

function requestText(effect: string, pending: PendingEffect | undefined): Text {
  const stateText =
    pending === undefined
      ? ''
      : pending.state === 'parked'
        ? red('  parked')
        : yellow(pending.state === 'set' ? '  pending' : `  ${pending.state}`)
  return [magenta('↗ '), magenta(effect), stateText]
}

function timerText(name: string, dueAt: number | undefined, step: ShownStep): Text {
  if (dueAt === undefined) return [dim('◷ '), name, dim('  cancelled')]
  const distance = dueAt - step.at
  const when = distance <= 0 ? 'due at once' : `in ${durationText(distance)}`
  return [yellow('◷ '), name, dim(`  set for ${momentText(dueAt).slice(0, 19)}, ${when}`)]
}

function stateLines({ state, stateError }: ProcessHistory, { width }: HistoryDrawing): readonly Text[] {
  if (stateError !== undefined)
    return [bold('state'), ...wrapped([red(stateError.code), ' ', stateError.message], width - 2).map(indented)]
  const lines = JSON.stringify(state, undefined, 2).split('\n')
  return [bold('state'), ...lines.flatMap((line) => wrapped(line, width - 2)).map(indented)]
}

function pendingLines(
  title: string,
  items: readonly (PendingTimer | PendingEffect)[],
  { now, width }: HistoryDrawing,
): readonly Text[] {
  if (items.length === 0) return []
  const nameWidth = Math.max(...items.map(({ name }) => widthOf(name)))
  return [
    bold(title),
    ...items.flatMap((item) => [
      ...wrapped([padded(item.name, nameWidth), '  ', dueText(item, now)], width - 2).map(indented),
      ...errorLines(item, width - 4).map((line): Text => ['    ', line]),
    ]),
  ]
}

function errorLines({ error }: PendingTimer | PendingEffect, width: number): readonly Text[] {
  return error === undefined ? [] : wrapped([red(error.code), ' ', error.message], width)
}

function indented(line: Text): Text {
  return ['  ', line]
}
