// `tidings process`: the instances of process managers, and the history of one.

import type { ListedProcess } from 'tidings/operations'
import type { Invocation, SystemOptions } from '../invocation.ts'
import { drawHistory } from '../process/draw-history.ts'
import { drawProcesses } from '../process/draw-processes.ts'
import { serviceNamed, unknown } from '../system/load-system.ts'
import { type Operator, operate } from '../system/operator.ts'
import { historiesOf, processesOf } from '../system/pending.ts'
import { CommandFailure } from '../usage/command-failure.ts'
import { nearestName } from '../usage/nearest.ts'
import { noteUnavailable } from './not-running.ts'

/** The options. */
export interface ListOptions extends SystemOptions {
  readonly process?: string
  readonly state?: 'running' | 'ended'
  readonly limit: number
}

/** The options. */
export interface ShowOptions extends SystemOptions {
  readonly limit: number
  readonly before?: number
}

/** Lists instances. */
export async function listInstances(invocation: Invocation, options: ListOptions, service?: string): Promise<void> {
  await operate(invocation, options, async (operator) => {
    const { terminal } = invocation
    const { process: name, state, limit } = options
    const wanted = { ...(name === undefined ? {} : { process: name }), ...(state === undefined ? {} : { state }) }
    const { items, more } = await processesOf(operator, service, { ...wanted, limit })
    if (items.length === 0 && name !== undefined && !declares(operator, service, name))
      throw unknown('There is no process manager', name, processNames(operator, service))
    if (options.json === true) {
      terminal.json({ instances: items, more, unavailable: operator.unavailable })
      return
    }
    terminal.lines(drawProcesses(items, { more, now: Date.now(), width: terminal.width }))
    noteUnavailable(terminal, operator, 'Their process managers are not listed.')
  })
}

/** Shows the history of an instance. */
export async function showInstance(
  invocation: Invocation,
  options: ShowOptions,
  reference = '',
  key = '',
): Promise<void> {
  await operate(invocation, options, async (operator) => {
    const { terminal } = invocation
    const { limit, before } = options
    const { services, name } = candidatesFor(operator, reference)
    const part = { limit, ...(before === undefined ? {} : { before }) }
    const [history, ...others] = await historiesOf(operator, services, name, key, part)
    if (history === undefined) throw await notFound(operator, services, name, key)
    if (others.length > 0) {
      const places = [history, ...others].map(({ instance }) => `${instance.service}/${instance.process}`)
      throw new CommandFailure('usage', `Several services have ${name} ${key}.`, `Name one: ${places.join(', ')}.`)
    }
    if (options.json === true) terminal.json(history)
    else terminal.lines(drawHistory(history, { now: Date.now(), width: terminal.width }))
  })
}

// If the code no longer declares the process manager, any service may still have instances of it.
function candidatesFor(
  operator: Operator,
  reference: string,
): { readonly services: readonly string[]; readonly name: string } {
  const slash = reference.indexOf('/')
  const name = reference.slice(slash + 1)
  if (slash > 0) return { services: [serviceNamed(operator.declared, reference.slice(0, slash)).name], name }
  const services = operator.services.filter(({ processes }) => processes.some((each) => each.name === name))
  return { services: (services.length > 0 ? services : operator.services).map((each) => each.name), name }
}

/** How many keys are compared at most to find a similar one. */
const keysMax = 1_000

async function notFound(
  operator: Operator,
  services: readonly string[],
  name: string,
  key: string,
): Promise<CommandFailure> {
  const found: ListedProcess[] = []
  for (const service of services)
    found.push(...(await processesOf(operator, service, { process: name, limit: keysMax })).items)
  if (found.length === 0 && !services.some((service) => declares(operator, service, name)))
    return unknown('There is no process manager', name, processNames(operator, undefined))
  const near = nearestName(
    key,
    found.map((each) => each.key),
  )
  const unavailable = operator.unavailable.filter((service) => services.includes(service))
  const list = `\`tidings process list --process ${name}\` lists its instances.`
  const hint =
    unavailable.length > 0
      ? `Never started, or not answering: ${unavailable.join(', ')}.`
      : near === undefined
        ? list
        : `Did you mean ${near}? ${list}`
  return new CommandFailure('notFound', `Process manager ${name} has no instance ${JSON.stringify(key)}.`, hint)
}

function processNames(operator: Operator, service: string | undefined): readonly string[] {
  const services = operator.services.filter(({ name }) => service === undefined || name === service)
  return [...new Set(services.flatMap(({ processes }) => processes.map(({ name }) => name)))]
}

function declares(operator: Operator, service: string | undefined, name: string): boolean {
  return processNames(operator, service).includes(name)
}
