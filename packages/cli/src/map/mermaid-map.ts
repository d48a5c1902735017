// The map as a Mermaid flow chart: services are boxes that name their processes and timers, events are rounded, lookups are dotted and
// labelled lines, and effects lead to one circle named `outside`.

import { safeText } from '@tidings/node/output'
import type { MappedService, SystemMap } from 'tidings'

const shapes = { 'state-transfer': ['[(', ')]'], 'event-sourcing': ['([', '])'], notification: ['(', ')'] } as const

/** Draws the map of a system as Mermaid. */
export function mermaidMap(map: SystemMap): string {
  const lines = ['flowchart LR']
  for (const service of map.services) lines.push(`  ${serviceId(service.name)}["${labelOf(service)}"]`)
  for (const event of map.events) {
    const [open, close] = shapes[event.pattern]
    const version = event.version > 1 ? ` v${event.version}` : ''
    lines.push(`  ${eventId(event.name)}${open}"${escaped(event.name)}${version}"${close}`)
    lines.push(`  ${serviceId(event.owner)} --> ${eventId(event.name)}`)
    for (const hearer of event.heardBy) lines.push(`  ${eventId(event.name)} --> ${serviceId(hearer)}`)
  }
  for (const service of map.services) {
    for (const query of new Set(service.functions.flatMap((each) => each.lookups))) {
      const [owner = '', name = ''] = query.split('/')
      lines.push(`  ${serviceId(service.name)} -. "looks up ${escaped(name)}" .-> ${serviceId(owner)}`)
    }
  }
  const effects = map.services.flatMap(({ name, functions }) =>
    functions.filter(({ kind }) => kind === 'effect').map((effect) => ({ service: name, effect: effect.name })),
  )
  if (effects.length > 0) lines.push('  outside(("outside"))')
  for (const { service, effect } of effects) lines.push(`  ${serviceId(service)} == "${escaped(effect)}" ==> outside`)
  const lookups = map.services.some((service) => service.functions.some((each) => each.lookups.length > 0))
  lines.push('  classDef service stroke-width:2px')
  lines.push(`  class ${map.services.map((service) => serviceId(service.name)).join(',')} service`)
  if (effects.length > 0) lines.push('  %% A thick line is an effect: it is performed after the commit, at least once.')
  if (lookups) lines.push('  %% A dotted line is a synchronous dependency.')
  return `${lines.join('\n')}\n`
}

function labelOf({ name, functions, exposed }: MappedService): string {
  const inside = functions.filter(({ kind }) => kind === 'process' || kind === 'timer')
  const reached = [...exposed.commands, ...exposed.queries, ...exposed.liveQueries]
  return [
    escaped(name),
    ...inside.map((each) => `${each.kind} ${escaped(each.name)}`),
    ...(reached.length === 0 ? [] : [`exposes ${escaped(reached.join(', '))}`]),
  ].join('<br/>')
}

function serviceId(name: string): string {
  return `service_${idOf(name)}`
}

function eventId(name: string): string {
  return `event_${idOf(name)}`
}

// Names are lower-case words joined by `-` and `.`. The two are replaced differently, so that no two names share an id.
function idOf(name: string): string {
  return name.replaceAll('.', '__').replaceAll('-', '_')
}

function escaped(text: string): string {
  return safeText(text).replaceAll('"', '#quot;')
}
