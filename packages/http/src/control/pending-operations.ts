// The control endpoint's operations that show pending work: process managers, timers and effects.

import { listProcessesOf, listTimers, pendingEffects, showProcess } from 'tidings/operations'
import type { ServiceRuntime } from 'tidings/runtime'
import { type Answer, answerJson } from '../endpoint/answer.ts'
import type { Exchange } from '../endpoint/exchange.ts'
import { numberOf, oneOf, optionalTextOf, textOf } from './read-request.ts'

/** How the operations find services. */
export interface PendingOperationsOptions {
  /** The service of that name, or all services of the process if there is no name; throws `UNKNOWN_SERVICE`. */
  readonly services: (name: string | undefined) => readonly ServiceRuntime[]
  /** The service of that name; throws `UNKNOWN_SERVICE`. */
  readonly service: (name: string) => ServiceRuntime
}

type Operation = (exchange: Exchange) => Promise<Answer>

const limitMax = 1_000

/** The operations by their names in the path, after `/control/`. */
export function pendingOperations({
  services,
  service,
}: PendingOperationsOptions): Readonly<Record<string, Operation>> {
  const pages =
    (list: (each: ServiceRuntime, options: { limit: number; id?: string }) => Promise<unknown>): Operation =>
    async (exchange) => {
      const query = exchange.queries()
      const id = optionalTextOf(query, 'id')
      const options = { limit: numberOf(query, 'limit', 1, limitMax) ?? 100, ...(id === undefined ? {} : { id }) }
      const chosen = services(query.service)
      return answerJson({ pages: await Promise.all(chosen.map((each) => list(each, options))) })
    }
  return {
    processes: async (exchange) => {
      const query = exchange.queries()
      const manager = optionalTextOf(query, 'process')
      const after = optionalTextOf(query, 'after')
      const state = query.state === undefined ? undefined : oneOf(query, 'state', ['running', 'ended'])
      const listed = await listProcessesOf(services(query.service), {
        limit: numberOf(query, 'limit', 1, limitMax) ?? 100,
        ...(manager === undefined ? {} : { process: manager }),
        ...(after === undefined ? {} : { after }),
        ...(state === undefined ? {} : { state }),
      })
      return answerJson({ pages: listed })
    },
    process: async (exchange) => {
      const query = exchange.queries()
      const before = numberOf(query, 'before', 1, Number.MAX_SAFE_INTEGER)
      const history = await showProcess(
        service(textOf(query, 'service')),
        textOf(query, 'process'),
        textOf(query, 'key'),
        {
          limit: numberOf(query, 'limit', 1, limitMax) ?? 100,
          ...(before === undefined ? {} : { before }),
        },
      )
      return answerJson(history)
    },
    timers: pages(listTimers),
    effects: pages(pendingEffects),
  }
}
