// Calls a control endpoint with its token, on this machine only, within a time limit, and turns problems back into errors.

import { errorOfProblem, isMembers, type Problem } from '@tidings/http/wire'
import { TidingsError } from 'tidings'
import type { RunFile } from './run-file.ts'

/** A call of a control endpoint. */
export interface ControlCall {
  readonly method: 'GET' | 'POST'
  /** The path with its query string: `/control/status`. */
  readonly path: string
  /** Sent as JSON. Default: no body. */
  readonly body?: unknown
  /** How long to wait for the answer, in milliseconds; 0 waits without a limit. Default: 30,000. */
  readonly timeoutMs?: number
}

/** Calls a process's control endpoint. Throws `SERVICE_UNAVAILABLE` if it does not answer, or the endpoint's error. */
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
  throw errorOfProblem(await problemIn(response), 'SERVICE_UNAVAILABLE')
}

/** Calls a control endpoint and reads the answer as JSON. */
export async function askControl<T>(run: RunFile, call: ControlCall): Promise<T> {
  const response = await callControl(run, call)
  let text: string
  try {
    text = await response.text()
  } catch (cause) {
    throw new TidingsError(
      'SERVICE_UNAVAILABLE',
      `The process of ${run.name} (pid ${run.pid}) ended its answer early.`,
      {
        cause,
      },
    )
  }
  return parseAnswer(run, text) as T
}

/** Parses what a control endpoint sent; throws `INVALID_ANSWER` if it is not JSON. */
export function parseAnswer(run: Pick<RunFile, 'name' | 'pid'>, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new TidingsError('INVALID_ANSWER', `The answer of ${run.name} (pid ${run.pid}) is not JSON.`, {
      cause,
      hint: 'Stop what listens on the port of its control endpoint, or start the service again.',
    })
  }
}

async function problemIn(response: Response): Promise<Partial<Problem>> {
  const body: unknown = await response.json().catch(() => undefined)
  return isMembers(body) ? body : { status: response.status }
}
