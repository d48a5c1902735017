// The map of a system: which service handles which events, known from the declarations before anything runs.

import type { Pattern, QueryContract } from '../contracts/index.ts'
import { commandsOf, type Service } from '../services/index.ts'

/** A function of a service and what it does. */
export interface MappedFunction {
  readonly kind: 'command' | 'handler' | 'process' | 'timer' | 'effect' | 'projection' | 'replica' | 'decider'
  readonly name: string
  readonly hears: readonly string[]
  readonly publishes: readonly string[]
  readonly executes: readonly string[]
  /** The queries that it looks up, as `service/query`; each is a synchronous dependency. */
  readonly lookups: readonly string[]
  /** The effects that it requests. */
  readonly requests: readonly string[]
  /** The timers of a process. */
  readonly timers: readonly string[]
}

/** The names of a service's commands, queries and live queries that have an endpoint of the HTTP API; all others are internal. */
export interface MappedExposure {
  readonly commands: readonly string[]
  readonly queries: readonly string[]
  readonly liveQueries: readonly string[]
}

/** A service on the map. */
export interface MappedService {
  readonly name: string
  readonly description: string | undefined
  readonly commands: readonly string[]
  readonly queries: readonly string[]
  readonly liveQueries: readonly string[]
  readonly exposed: MappedExposure
  readonly functions: readonly MappedFunction[]
}

/** An event on the map. */
export interface MappedEvent {
  readonly name: string
  readonly owner: string
  readonly pattern: Pattern
  readonly version: number
  readonly description: string | undefined
  /** The services that handle it. */
  readonly heardBy: readonly string[]
}

/** The map of a system. */
export interface SystemMap {
  readonly services: readonly MappedService[]
  readonly events: readonly MappedEvent[]
  /** Sentences about parts that do not fit together: an event that no service publishes, a query that no service answers. */
  readonly problems: readonly string[]
}

/** Builds the map of a system. Pure. */
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
  const unlisted = services.flatMap((service) =>
    service.unlisted().map((what) => `${service.name}: ${what} is declared and never runs; list it in with({ … })`),
  )
  return { services: mapped, events, problems: [...findProblems(mapped, events), ...unlisted] }
}

function mapService(service: Service): MappedService {
  const functions: MappedFunction[] = [
    ...service.commands.map((each) => entry('command', each.command.name, work(each))),
    ...service.deciders.map(({ decider, publishes }) =>
      entry('decider', decider.name, { publishes: names(publishes) }),
    ),
    // The inputs of a process are handlers too; the process itself is on the map instead of them.
    ...service.handlers
      .filter((handler) => handler.process === undefined)
      .map((each) => entry('handler', each.name, { ...work(each), hears: [each.event.name], lookups: lookedUp(each) })),
    ...service.processes.map((each) =>
      entry('process', each.name, {
        ...work(each),
        hears: each.inputs.flatMap((input) => (input.on === 'event' ? [input.event.name] : [])),
        lookups: lookedUp(each),
        timers: Object.keys(each.timers),
      }),
    ),
    ...service.timerHandlers.map((each) => entry('timer', each.timer, work(each))),
    ...service.effects.map((each) => entry('effect', each.effect.name, work(each))),
    ...Object.entries(service.replicas).map(([name, { of }]) => entry('replica', name, { hears: [of.name] })),
    ...service.projections.map(({ name, steps }) =>
      entry('projection', name, {
        hears: [...new Set(steps.flatMap((step) => (step.on === 'event' ? [step.event.name] : [])))],
      }),
    ),
  ]
  const commands = commandsOf(service)
  const queries = service.queries.map(({ query }) => query)
  const liveQueries = service.liveQueries.map(({ live }) => live)
  return {
    name: service.name,
    description: service.description,
    commands: names(commands),
    queries: names(queries),
    liveQueries: names(liveQueries),
    exposed: { commands: exposed(commands), queries: exposed(queries), liveQueries: exposed(liveQueries) },
    functions,
  }
}

function exposed(items: readonly { readonly name: string; readonly exposed: boolean }[]): readonly string[] {
  return names(items.filter((item) => item.exposed))
}

type Named = readonly { readonly name: string }[]

function names(items: Named): readonly string[] {
  return items.map(({ name }) => name)
}

function work(each: { readonly publishes: Named; readonly executes: Named; readonly requests: Named }) {
  return { publishes: names(each.publishes), executes: names(each.executes), requests: names(each.requests) }
}

function lookedUp({ lookups }: { readonly lookups: readonly QueryContract[] }): readonly string[] {
  return lookups.map(({ owner, name }) => `${owner}/${name}`)
}

function entry(
  kind: MappedFunction['kind'],
  name: string,
  does: Partial<Omit<MappedFunction, 'kind' | 'name'>>,
): MappedFunction {
  return { kind, name, hears: [], publishes: [], executes: [], lookups: [], requests: [], timers: [], ...does }
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
