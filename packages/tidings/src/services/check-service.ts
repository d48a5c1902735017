// Checks that the parts of a service fit together when it is defined, so that a mistake shows before events flow.

import { checkSimpleName, type EventContract, isSameContract } from '../contracts/index.ts'
import { TidingsError } from '../errors/index.ts'
import { commandsOf } from './commands-of.ts'
import type { Service } from './declarations.ts'
import { liveIndexes } from './live.ts'

/** Throws `NOT_OWNED`, `NOT_DECLARED`, `DUPLICATE_NAME` or `INVALID_CONTRACT` if a service's parts do not fit together. */
export function checkService(service: Service): void {
  checkPublications(service)
  checkExecutions(service)
  checkRequests(service)
  checkTimers(service)
  checkNames(service)
  checkOldNames(service)
  checkSubscribers(service)
  checkDivided(service)
  checkTables(service)
  checkUniques(service)
  checkProjections(service)
  for (const declaration of service.liveQueries) liveIndexes(service, declaration)
}

function checkPublications(service: Service): void {
  for (const contract of service.publishes) {
    if (contract.owner !== service.name) {
      throw new TidingsError(
        'NOT_OWNED',
        `Service ${service.name} publishes ${contract.name}, which ${contract.owner} owns.`,
      )
    }
  }
  const published = new Set(service.publishes.map((contract) => contract.name))
  const check = (by: string, contracts: readonly EventContract[]) => {
    for (const contract of contracts) {
      if (!published.has(contract.name)) {
        throw new TidingsError(
          'NOT_DECLARED',
          `${by} publishes ${contract.name}, but service ${service.name} does not declare it under publishes.`,
        )
      }
    }
  }
  for (const handler of service.handlers) check(`Handler ${handler.name}`, handler.publishes)
  for (const command of service.commands) check(`Command ${command.command.name}`, command.publishes)
  for (const timer of service.timerHandlers) check(`Timer ${timer.timer}`, timer.publishes)
  for (const { effect, publishes } of service.effects) check(`Effect ${effect.name}`, publishes)
  for (const manager of service.processes) check(`Process ${manager.name}`, manager.publishes)
  for (const decider of service.deciders) check(`Decider ${decider.decider.name}`, decider.publishes)
  for (const { live } of service.liveQueries) {
    if (live.owner !== service.name) {
      throw new TidingsError(
        'NOT_OWNED',
        `Service ${service.name} answers live query ${live.name}, which ${live.owner} owns.`,
      )
    }
  }
  for (const { query } of service.queries) {
    if (query.owner !== service.name) {
      throw new TidingsError(
        'NOT_OWNED',
        `Service ${service.name} answers query ${query.name}, which ${query.owner} owns.`,
      )
    }
  }
}

function checkExecutions(service: Service): void {
  const ownCommands = new Set(commandsOf(service).map(({ name }) => name))
  for (const { by, executes } of workingFunctions(service)) {
    for (const command of executes) {
      if (!ownCommands.has(command.name)) {
        throw new TidingsError(
          'NOT_DECLARED',
          `${by} executes ${command.name}, which is not a command of ${service.name}; reach other services with events.`,
        )
      }
    }
  }
}

// All functions that may execute commands and request effects.
function workingFunctions(service: Service) {
  return [
    ...service.handlers.map((handler) => ({ ...handler, by: `Handler ${handler.name}` })),
    ...service.commands.map((command) => ({ ...command, by: `Command ${command.command.name}` })),
    ...service.timerHandlers.map((timer) => ({ ...timer, by: `Timer ${timer.timer}` })),
    ...service.effects.map((effect) => ({ ...effect, by: `Effect ${effect.effect.name}` })),
    ...service.processes.map((manager) => ({ ...manager, by: `Process ${manager.name}` })),
  ]
}

function checkUniques(service: Service): void {
  for (const { name, uniques } of Object.values(service.readModels)) {
    if (uniques.length > 0)
      throw new TidingsError(
        'INVALID_CONTRACT',
        `Read model ${name} of ${service.name} declares ${uniques[0]?.fields.join(', ')} unique; only tables can, because a projection cannot refuse what has happened.`,
      )
  }
}

function checkRequests(service: Service): void {
  for (const { by, requests } of workingFunctions(service)) {
    for (const effect of requests) {
      if (!service.effects.some((performed) => isSameContract(performed.effect, effect))) {
        throw new TidingsError(
          'NOT_DECLARED',
          `${by} requests effect ${effect.name}, but ${service.name} has no function that performs it.`,
        )
      }
    }
  }
}

function checkTimers(service: Service): void {
  const handled = new Set(service.timerHandlers.map(({ timer }) => timer))
  for (const name of Object.keys(service.timers)) {
    if (!handled.has(name))
      throw new TidingsError(
        'NOT_DECLARED',
        `Service ${service.name} declares timer ${name}, but no function handles it.`,
      )
  }
  for (const { timer } of service.timerHandlers) {
    if (!Object.hasOwn(service.timers, timer))
      throw new TidingsError(
        'NOT_DECLARED',
        `Service ${service.name} handles timer ${JSON.stringify(timer)}, but does not declare it.`,
      )
  }
  for (const manager of service.processes) {
    const heard = new Set(manager.inputs.map(({ name }) => name))
    for (const name of Object.keys(manager.timers)) {
      if (!heard.has(name))
        throw new TidingsError(
          'NOT_DECLARED',
          `Process ${manager.name} declares timer ${name}, but no function handles it.`,
        )
    }
    if (!manager.inputs.some((input) => input.on === 'event' && input.starts))
      throw new TidingsError('INVALID_CONTRACT', `Process ${manager.name} has no event that starts an instance.`)
  }
}

function checkNames(service: Service): void {
  unique(
    service,
    'event',
    service.publishes.map((contract) => contract.name),
  )
  unique(
    service,
    'handler',
    service.handlers.map((handler) => handler.name),
  )
  unique(
    service,
    'command',
    commandsOf(service).map(({ name }) => name),
  )
  unique(service, 'query', [
    ...service.queries.map((declaration) => declaration.query.name),
    ...service.liveQueries.map((declaration) => declaration.live.name),
  ])
  unique(
    service,
    'decider',
    [...service.deciders, ...service.processes].map((declaration) => declaration.decider.name),
  )
  unique(
    service,
    'timer',
    service.timerHandlers.map(({ timer }) => timer),
  )
  unique(
    service,
    'effect',
    service.effects.map(({ effect }) => effect.name),
  )
  unique(service, 'projection', [
    ...service.projections.map((projection) => projection.name),
    ...Object.keys(service.replicas),
  ])
}

// A name can be taken over once, and not while something still has it.
function checkOldNames(service: Service): void {
  const { name: of, deciders, processes } = service
  const taken = new Set([...deciders, ...processes].map(({ decider }) => decider.name))
  for (const { name, was } of processes) {
    if (was === undefined) continue
    if (taken.has(was))
      throw new TidingsError(
        'DUPLICATE_NAME',
        `Process ${name} of ${of} says that it was ${was}, which is the name of a process or decider, now or before.`,
      )
    taken.add(was)
  }
  checkOldHandlers(service)
}

function checkOldHandlers(service: Service): void {
  const taken = new Set(service.handlers.map(({ name }) => name))
  for (const { name, was, process: manager } of service.handlers) {
    // Those of a process manager are renamed with it.
    if (was === undefined || manager !== undefined) continue
    checkSimpleName('handler', was)
    if (taken.has(was))
      throw new TidingsError(
        'DUPLICATE_NAME',
        `Handler ${name} of ${service.name} says that it was ${was}, which is the name of another handler, now or before.`,
      )
    taken.add(was)
  }
}

function checkSubscribers(service: Service): void {
  const used = new Set([...service.handlers, ...service.processes].map(({ subscriber }) => subscriber))
  for (const [subscriber, was] of Object.entries(service.oldSubscribers)) {
    if (!used.has(subscriber))
      throw new TidingsError(
        'NOT_DECLARED',
        `Service ${service.name} says what subscriber ${subscriber} was, but no handler or process belongs to it.`,
      )
    if (used.has(was))
      throw new TidingsError(
        'DUPLICATE_NAME',
        `Subscriber ${subscriber} of ${service.name} says that it was ${was}, which handlers or processes still belong to.`,
      )
  }
}

function checkDivided(service: Service): void {
  for (const [subscriber, count] of Object.entries(service.partitions)) {
    if (!service.handlers.some((handler) => handler.subscriber === subscriber))
      throw new TidingsError(
        'NOT_DECLARED',
        `Service ${service.name} divides subscriber ${subscriber} into partitions, but no handler belongs to it.`,
      )
    const manager = service.processes.find((other) => other.subscriber === subscriber)
    if (count > 1 && manager !== undefined)
      throw new TidingsError(
        'INVALID_CONTRACT',
        `Subscriber ${subscriber} of ${service.name} declares ${count} partitions, but process manager ${manager.name} belongs to it. Partitions keep the order of keys; a process manager needs that of its instances.`,
        { hint: `Give ${manager.name} a subscriber of its own, which is the default.` },
      )
  }
}

function checkTables(service: Service): void {
  // Tables, read models and replicas share the store's namespace.
  unique(service, 'table', [
    ...Object.values(service.tables).map((table) => table.name),
    ...Object.values(service.readModels).map((table) => table.name),
    ...Object.keys(service.replicas),
  ])
}

function checkProjections(service: Service): void {
  const writers = new Map<string, string>()
  for (const projection of service.projections) {
    for (const name of projection.writes) {
      if (!Object.hasOwn(service.readModels, name)) {
        throw new TidingsError(
          'NOT_DECLARED',
          `Projection ${projection.name} writes read model ${name}, which ${service.name} does not declare.`,
        )
      }
      const other = writers.get(name)
      if (other !== undefined) {
        throw new TidingsError(
          'INVALID_CONTRACT',
          `Projections ${other} and ${projection.name} of ${service.name} both write ${name}; only one projection may write a read model.`,
        )
      }
      writers.set(name, projection.name)
    }
    for (const step of projection.steps) {
      if (step.on === 'fact' && !hasStreamsOf(service, step.decider.name)) {
        throw new TidingsError(
          'NOT_DECLARED',
          `Projection ${projection.name} reads facts of ${step.decider.name}, which is not a decider or process of ${service.name}.`,
        )
      }
      if (step.on === 'fact' && !Object.hasOwn(step.decider.facts, step.fact)) {
        throw new TidingsError(
          'NOT_DECLARED',
          `Projection ${projection.name} reads fact ${step.fact} of ${step.decider.name}, which does not exist.`,
        )
      }
    }
  }
  for (const name of Object.keys(service.readModels)) {
    if (!writers.has(name)) {
      throw new TidingsError(
        'INVALID_CONTRACT',
        `Service ${service.name} declares read model ${name}, but no projection writes it.`,
      )
    }
  }
}

function hasStreamsOf(service: Service, name: string): boolean {
  return [...service.deciders, ...service.processes].some(({ decider }) => decider.name === name)
}

function unique(service: Service, kind: string, names: readonly string[]): void {
  const seen = new Set<string>()
  for (const name of names) {
    if (seen.has(name))
      throw new TidingsError('DUPLICATE_NAME', `Service ${service.name} has two ${kind}s named ${name}.`)
    seen.add(name)
  }
}
