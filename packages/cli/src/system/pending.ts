// Instances of process managers, timers and effects, of running and other services.

import { isTidingsError } from 'tidings'
import {
  type ListedProcess,
  listProcesses,
  listTimers,
  type PendingEffect,
  type PendingEffects,
  type PendingTimer,
  type PendingTimers,
  type ProcessHistory,
  type ProcessListOptions,
  type ProcessPage,
  pendingEffects,
  showProcess,
} from 'tidings/operations'
import type { Operator } from './operator.ts'

/** A page of a list, and whether there are more items. */
export interface Listed<T> {
  readonly items: readonly T[]
  readonly more: boolean
}

/** Instances of process managers, by service, process and key; none if no service declares the process. */
export async function processesOf(
  operator: Operator,
  service: string | undefined,
  options: ProcessListOptions & { readonly limit: number },
): Promise<Listed<ListedProcess>> {
  const pages = await operator.ask<ProcessPage>(
    service,
    (client) => known(client.processes({ ...options, ...named(service) })),
    (runtime) => known(listProcesses(runtime, options).then((page) => [page])),
  )
  const items = inOrder(operator, pages).flatMap(({ instances }) => instances)
  const more = items.length > options.limit || pages.some(({ next }) => next !== undefined)
  return { items: items.slice(0, options.limit), more }
}

/** The histories of the instances of one key: one for each service that has such a process. */
export async function historiesOf(
  operator: Operator,
  services: readonly string[],
  name: string,
  key: string,
  options: { readonly limit: number; readonly before?: number },
): Promise<readonly ProcessHistory[]> {
  const histories: ProcessHistory[] = []
  for (const service of services) {
    const found = await operator.ask(
      service,
      (client) => known(client.process(service, name, key, options).then((history) => [history])),
      (runtime) => known(showProcess(runtime, name, key, options).then((history) => [history])),
    )
    histories.push(...found)
  }
  return histories
}

/** Which timers or effects. */
export interface PendingSelection {
  readonly service?: string
  readonly id?: string
  readonly limit: number
}

/** Timers, next due first. */
export async function timersOf(operator: Operator, selection: PendingSelection): Promise<Listed<PendingTimer>> {
  const { service, ...options } = selection
  const pages = await operator.ask<PendingTimers>(
    service,
    (client) => client.timers(selection),
    async (runtime) => [await listTimers(runtime, options)],
  )
  return nextDueFirst(pages, ({ timers }) => timers, selection.limit)
}

/** Effects that are not performed yet, next due first. */
export async function effectsOf(operator: Operator, selection: PendingSelection): Promise<Listed<PendingEffect>> {
  const { service, ...options } = selection
  const pages = await operator.ask<PendingEffects>(
    service,
    (client) => client.effects(selection),
    async (runtime) => [await pendingEffects(runtime, options)],
  )
  return nextDueFirst(pages, ({ effects }) => effects, selection.limit)
}

function nextDueFirst<Page extends { readonly more: boolean }, T extends { readonly dueAt: number }>(
  pages: readonly Page[],
  itemsOf: (page: Page) => readonly T[],
  limit: number,
): Listed<T> {
  const items = pages.flatMap(itemsOf).sort((a, b) => a.dueAt - b.dueAt)
  return { items: items.slice(0, limit), more: items.length > limit || pages.some(({ more }) => more) }
}

function inOrder<T extends { readonly service: string }>(operator: Operator, pages: readonly T[]): readonly T[] {
  const places = new Map(operator.services.map(({ name }, index) => [name, index]))
  return pages.toSorted((a, b) => (places.get(a.service) ?? 0) - (places.get(b.service) ?? 0))
}

function named(service: string | undefined) {
  return service === undefined ? {} : { service }
}

// A service refuses a process that it does not declare, but another service may declare it.
async function known<T>(answer: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await answer
  } catch (error) {
    if (isTidingsError(error, 'UNKNOWN_PROCESS')) return []
    throw error
  }
}
