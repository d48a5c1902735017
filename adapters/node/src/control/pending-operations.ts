// The control endpoint's operations that look at what takes time: process managers, timers and effects.

import { listProcessesOf, listTimers, pendingEffects, showProcess } from 'tidings/operations'
import type { ServiceRuntime } from 'tidings/runtime'
import { answerJson, type Exchange } from '../http/answer.ts'
import { numberOf, oneOf, optionalTextOf, textOf } from './read-request.ts'

/** What the operations need of a system. */
export interface PendingOptions {
  /** A service of the process, or all of them; throws `UNKNOWN_SERVICE`. */
  readonly services: (name: string | undefined) => readonly ServiceRuntime[]
  readonly service: (name: string) => ServiceRuntime
}

type Answer = (context: Exchange) => Promise<Response>

const limitMax = 1_000

/** The operations, by their names below `/control/`. */
export function pendingOperations({ services, service }: PendingOptions): Readonly<Record<string, Answer>> {
  const pages =
    (list: (each: ServiceRuntime, options: { limit: number; id?: string }) => Promise<unknown>): Answer =>
    async (context) => {
      const query = context.req.query()
      const id = optionalTextOf(query, 'id')
      const options = { limit: numberOf(query, 'limit', 1, limitMax) ?? 100, ...(id === undefined ? {} : { id }) }
      const meant = services(query.service)
      return answerJson(context, { pages: await Promise.all(meant.map((each) => list(each, options))) })
    }
  return {
    processes: async (context) => {
      const query = context.req.query()
      const manager = optionalTextOf(query, 'process')
      const after = optionalTextOf(query, 'after')
      const state = query.state === undefined ? undefined : oneOf(query, 'state', ['running', 'ended'])
      const listed = await listProcessesOf(services(query.service), {
        limit: numberOf(query, 'limit', 1, limitMax) ?? 100,
        ...(manager === undefined ? {} : { process: manager }),
        ...(after === undefined ? {} : { after }),
        ...(state === undefined ? {} : { state }),
      })
      return answerJson(context, { pages: listed })
    },
    process: async (context) => {
      const query = context.req.query()
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
      return answerJson(context, history)
    },
    timers: pages(listTimers),
    effects: pages(pendingEffects),
  }
}
