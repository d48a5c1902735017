// The map: who hears what, known from the declarations before anything runs.

import type { Pattern } from '../contracts/index.ts'
import type { Service } from '../services/index.ts'

/** A function of a service and what it does. */
export interface MappedFunction {
  readonly kind: 'command' | 'handler' | 'projection' | 'replica' | 'decider'
  readonly name: string
  readonly hears: readonly string[]
  readonly publishes: readonly string[]
  readonly executes: readonly string[]
  /** `service/query`: each is a synchronous dependency. */
  readonly lookups: readonly string[]
}

/** A service on the map. */
export interface MappedService {
  readonly name: string
  readonly description: string | undefined
  readonly commands: readonly string[]
  readonly queries: readonly string[]
  readonly liveQueries: readonly string[]
  readonly functions: readonly MappedFunction[]
}

/** An event on the map. */
export interface MappedEvent {
  readonly name: string
  readonly owner: string
  readonly pattern: Pattern
  readonly version: number
  readonly description: string | undefined
  /** The services that hear it. */
  readonly heardBy: readonly string[]
}

/** A whole system's map. */
export interface SystemMap {
  readonly services: readonly MappedService[]
  readonly events: readonly MappedEvent[]
  /** What does not fit: an event that is heard and never published, a query nobody answers. */
  readonly problems: readonly string[]
}

/** Draws the map of a system. Pure. */
export function systemMap(services: readonly Service[]): SystemMap {
  const mapped = services.map(mapService)
  const heardBy = (event: string) =>
    mapped
      .filter((service) => service.functions.some((each) => each.hears.includes(event)))
      .map((service) => service.name)
  const events = services.flatMap((service) =>
    service.publishes.map(
      (contract): MappedEvent => ({
        name: contract.name,
        owner: service.name,
        pattern: contract.pattern,
        version: contract.chain.latest.version,
        description: contract.description,
        heardBy: heardBy(contract.name),
      }),
    ),
  )
  return { services: mapped, events, problems: findProblems(mapped, events) }
}

function mapService(service: Service): MappedService {
  const names = (items: readonly { readonly name: string }[]) => items.map((item) => item.name)
  const functions: MappedFunction[] = [
    ...service.commands.map(({ command, publishes, executes }) =>
      entry('command', command.name, [], names(publishes), names(executes)),
    ),
    ...service.deciders.map(({ decider, publishes }) => entry('decider', decider.name, [], names(publishes), [])),
    ...service.handlers.map((handler) =>
      entry(
        'handler',
        handler.name,
        [handler.event.name],
        names(handler.publishes),
        names(handler.executes),
        handler.lookups.map((query) => `${query.owner}/${query.name}`),
      ),
    ),
    ...Object.entries(service.replicas).map(([name, { of }]) => entry('replica', name, [of.name], [], [])),
    ...service.projections.map((projection) =>
      entry(
        'projection',
        projection.name,
        [...new Set(projection.steps.flatMap((step) => (step.on === 'event' ? [step.event.name] : [])))],
        [],
        [],
      ),
    ),
  ]
  return {
    name: service.name,
    description: service.description,
    commands: [
      ...names(service.commands.map(({ command }) => command)),
      ...service.deciders.flatMap(({ decider }) => names(Object.values(decider.commands))),
    ],
    queries: names(service.queries.map(({ query }) => query)),
    liveQueries: names(service.liveQueries.map(({ live }) => live)),
    functions,
  }
}

function entry(
  kind: MappedFunction['kind'],
  name: string,
  hears: readonly string[],
  publishes: readonly string[],
  executes: readonly string[],
  lookups: readonly string[] = [],
): MappedFunction {
  return { kind, name, hears, publishes, executes, lookups }
}

function findProblems(services: readonly MappedService[], events: readonly MappedEvent[]): readonly string[] {
  const published = new Set(events.map((event) => event.name))
  const answered = new Set(services.flatMap((service) => service.queries.map((query) => `${service.name}/${query}`)))
  const problems: string[] = []
  for (const service of services) {
    for (const each of service.functions) {
      for (const event of each.hears)
        if (!published.has(event))
          problems.push(`${service.name}: ${each.kind} ${each.name} hears ${event}, which no service here publishes`)
      for (const query of each.lookups)
        if (!answered.has(query))
          problems.push(`${service.name}: ${each.kind} ${each.name} looks up ${query}, which no service here answers`)
    }
  }
  for (const event of events) {
    const owner = services.find((service) => service.name === event.owner)
    if (owner?.functions.every((each) => !each.publishes.includes(event.name)))
      problems.push(`${event.owner}: declares ${event.name}, which none of its functions publishes`)
  }
  return problems
}
