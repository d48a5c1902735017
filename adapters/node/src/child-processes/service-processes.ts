// The processes that run one service, seen as one: requests go to each of them in turn.
// Invariant: a request goes to a process that is ready, if there is one.

import type { LiveSelection } from '@tidings/http'
import type { SupervisedChild } from './supervised-child.ts'

/** The processes of a service, or the only one. */
export interface ServiceProcesses {
  readonly service: string
  readonly children: readonly SupervisedChild[]
  /** The URL of the HTTP API of the process whose turn it is; `undefined` while none is ready. */
  readonly url: string | undefined
  /** Ends the live streams of a principal or a tenant in all of them. */
  endLive(selection: LiveSelection): void
}

/** Takes the processes of a service together. */
export function serviceProcesses(service: string, children: readonly SupervisedChild[]): ServiceProcesses {
  let turn = 0
  return {
    service,
    children,
    get url() {
      for (const _child of children) {
        turn = (turn + 1) % children.length
        const url = children[turn]?.url
        if (url !== undefined) return url
      }
      return undefined
    },
    endLive: (selection) => {
      for (const child of children) child.endLive(selection)
    },
  }
}
