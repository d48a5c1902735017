// One call to a control endpoint: with its token, to this machine only, bounded in time, its problems turned back into errors.

import { errorOfProblem, type Problem } from '@tidings/http/wire'
import { TidingsError } from 'tidings'
import type { RunFile } from './run-file.ts'

/** What a call sends. */
export interface ControlCall {
  readonly method: 'GET' | 'POST'
  /** `/control/status`, with its query string. */
  readonly path: string
  readonly body?: unknown
  /** Default: 30,000. 0 waits for ever. */
  readonly timeoutMs?: number
}

/** Calls a process's control endpoint. Throws `SERVICE_UNAVAILABLE` where it does not answer, otherwise what the endpoint says. */
export async function callControl(run: RunFile, call: ControlCall): Promise<Response> {
  const timeoutMs = call.timeoutMs ?? 30_000
  let response: Response
  try {
    response = await fetch(`${run.control}${call.path}`, {
      method: call.method,
      headers: { authorization: `Bearer ${run.token}`, 'content-type': 'application/json' },
      redirect: 'error',
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      ...(timeoutMs === 0 ? {} : { signal: AbortSignal.timeout(timeoutMs) }),
    })
  } catch (cause) {
    const why =
      cause instanceof Error && cause.name === 'TimeoutError'
        ? `did not answer within ${timeoutMs} ms`
        : 'cannot be reached'
    throw new TidingsError('SERVICE_UNAVAILABLE', `The process of ${run.name} (pid ${run.pid}) ${why}.`, { cause })
  }
  if (response.ok) return response
  const problem = (await response.json().catch(() => ({ status: response.status }))) as Partial<Problem>
  throw errorOfProblem(problem, 'SERVICE_UNAVAILABLE')
}

/** Calls, and reads the answer as JSON. */
export async function askControl<T>(run: RunFile, call: ControlCall): Promise<T> {
  const response = await callControl(run, call)
  return (await response.json()) as T
}
