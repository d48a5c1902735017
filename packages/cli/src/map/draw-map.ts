// The map as text: the commands, queries and functions of each service, and what each function hears, publishes, looks up and executes.
// Invariant: the columns of all services are aligned with each other.

import type { MappedEvent, MappedFunction, MappedService, SystemMap } from 'tidings'
import { type Column, type Row, rowsOfLines } from '../terminal/table.ts'
import {
  bold,
  cyan,
  dim,
  filled,
  green,
  joined,
  magenta,
  padded,
  red,
  type Text,
  wrapped,
  yellow,
} from '../terminal/text.ts'
import { countOf } from '../terminal/time-text.ts'

const patternSigns: Readonly<Record<MappedEvent['pattern'], string>> = {
  'state-transfer': '◆',
  'event-sourcing': '●',
  notification: '○',
}

const columns: readonly Column[] = [
  { fit: 'wrap', widthMin: 10 },
  {},
  { gap: 1 },
  { fit: 'wrap', widthMin: 12 },
  { fit: 'wrap', widthMin: 8 },
]

/** The smallest width at which the kinds of functions have a column. */
const widthForKinds = 72

/** Draws the map of a system in lines of at most `width` columns. */
export function drawMap(name: string, map: SystemMap, width: number): readonly Text[] {
  const events = new Map(map.events.map((event) => [event.name, event]))
  const blocks = map.services.map((service) => service.functions.flatMap((each) => functionRows(each, events)))
  // One table lays out the rows of all services, so that they share its columns.
  const rows = blocks.flat().map((row) => (width < widthForKinds ? row.with(1, '') : row))
  const lines = rowsOfLines(columns, rows, width - 2)
  let start = 0
  const body = map.services.flatMap((service, index): readonly Text[] => {
    const end = start + (blocks[index]?.length ?? 0)
    const own = lines.slice(start, end).flat()
    start = end
    return ['', ...heading(service, width), ...own.map((line): Text => ['  ', line])]
  })
  return [title(name, map), ...body, '', ...legend(map, width), ...dependencies(map, width), ...problems(map, width)]
}

function title(name: string, map: SystemMap): Text {
  const lookups = map.services.flatMap((service) => service.functions.flatMap((each) => each.lookups)).length
  const counts = [
    countOf(map.services.length, 'service'),
    countOf(map.events.length, 'event'),
    countOf(lookups, 'lookup'),
  ]
  return [bold(name), dim(`  ${counts.join(' · ')}`)]
}

function heading(service: MappedService, width: number): readonly Text[] {
  return [
    ...wrapped([bold(service.name), dim(`  ${service.description ?? ''}`)], width),
    ...operations('commands', service.commands, service.exposed.commands, magenta, width),
    ...operations('queries', service.queries, service.exposed.queries, yellow, width),
    ...operations('live', service.liveQueries, service.exposed.liveQueries, yellow, width),
  ]
}

const operationsIndent = 10

// First those that are exposed: a caller reaches no others.
function operations(
  word: string,
  names: readonly string[],
  exposed: readonly string[],
  paint: (text: Text) => Text,
  width: number,
): readonly Text[] {
  if (names.length === 0) return []
  const internal = names.filter((name) => !exposed.includes(name))
  const parts: readonly Text[] = [
    ...(exposed.length === 0 ? [] : [joined(exposed.map(paint), dim(', '))]),
    ...(internal.length === 0 ? [] : [[dim('internal: '), joined(internal.map(paint), dim(', '))]]),
  ]
  const lines = wrapped(joined(parts, dim(' · ')), width - operationsIndent - 2)
  return lines.map((line, index): Text => ['  ', dim(padded(index === 0 ? word : '', operationsIndent)), line])
}

function functionRows(each: MappedFunction, events: ReadonlyMap<string, MappedEvent>): readonly Row[] {
  const rows: Row[] = [
    ...each.hears.map(
      (name): Row => [cyan(sign('←', events.get(name))), name, events.get(name)?.owner ?? red('nobody')],
    ),
    ...each.lookups.map((query): Row => {
      const [owner = '', name = ''] = query.split('/')
      return [yellow('⇄'), yellow(name), yellow(owner)]
    }),
    ...each.timers.map((timer): Row => [yellow('◷'), timer, dim('timer')]),
    ...(each.kind === 'timer' ? [[yellow('◷'), each.name, dim('timer')] as const] : []),
    ...each.executes.map((command): Row => [magenta('»'), magenta(command), '']),
    ...each.requests.map((effect): Row => [magenta('↗'), magenta(effect), dim('effect')]),
    ...(each.kind === 'effect' ? [[magenta('↗'), dim('the outside world'), ''] as const] : []),
    ...each.publishes.map((name): Row => {
      const event = events.get(name)
      const version = (event?.version ?? 1) > 1 ? dim(` v${event?.version}`) : ''
      return [green(sign('→', event)), [name, version], hearers(event)]
    }),
  ]
  const [first, ...rest] = rows
  return [[each.name, dim(each.kind), ...(first ?? ['', '', ''])], ...rest.map((row): Row => ['', '', ...row])]
}

function sign(arrow: string, event: MappedEvent | undefined): string {
  return event === undefined ? `${arrow} ?` : `${arrow} ${patternSigns[event.pattern]}`
}

function hearers(event: MappedEvent | undefined): Text {
  if (event === undefined || event.heardBy.length === 0) return dim('nobody')
  return joined(event.heardBy, dim(', '))
}

function does(map: SystemMap, what: (each: MappedFunction) => boolean): boolean {
  return map.services.some(({ functions }) => functions.some(what))
}

function legend(map: SystemMap, width: number): readonly Text[] {
  const signs: readonly Text[] = [
    [green('→'), ' publishes, heard by'],
    [cyan('←'), ' hears, from'],
    [yellow('⇄'), ' looks up, at'],
    [magenta('»'), ' executes'],
    ...(does(map, ({ timers, kind }) => timers.length > 0 || kind === 'timer') ? [[yellow('◷'), ' comes due']] : []),
    ...(does(map, ({ kind }) => kind === 'effect') ? [[magenta('↗'), ' requests, performs']] : []),
  ]
  const patterns: readonly Text[] = ['● event sourcing', '◆ state transfer', '○ notification']
  return [...filled(signs, '   ', width), ...filled(patterns, '   ', width)].map((line) => dim(line))
}

function dependencies(map: SystemMap, width: number): readonly Text[] {
  const rows = map.services.flatMap((service) =>
    service.functions.flatMap((each) =>
      each.lookups.map((query): Row => {
        const [owner = ''] = query.split('/')
        return [service.name, [yellow('⇄ '), query], dim(`${each.name} waits while ${owner} does not answer`)]
      }),
    ),
  )
  const none = dim('none: every service keeps working while the others are down')
  if (rows.length === 0) return ['', [bold('Synchronous dependencies'), '  ', none]]
  return [
    '',
    bold('Synchronous dependencies'),
    ...rowsOfLines([{}, { fit: 'wrap' }, { fit: 'wrap', widthMin: 16 }], rows, width - 2)
      .flat()
      .map((line): Text => ['  ', line]),
  ]
}

function problems(map: SystemMap, width: number): readonly Text[] {
  if (map.problems.length === 0) return ['', [bold('Problems'), dim('  none')]]
  const lines = map.problems.flatMap((problem) =>
    wrapped(problem, width - 4).map((line, index): Text => [index === 0 ? red('  ✗ ') : '    ', line]),
  )
  return ['', bold('Problems'), ...lines]
}
