// The parts of a bundle, as its caller lists them.

import { TidingsError } from 'tidings'
import { parseJson } from '../endpoint/read-json.ts'

/** The most live queries of one connection. */
const partCountMax = 16
const depthMax = 64

/** One live query of a bundle. */
export interface LivePart {
  readonly service: string
  readonly name: string
  readonly input: unknown
  /** The id of the last event of this part that was read; reading goes on after it. */
  readonly after: string | undefined
}

/** The path of the live query, if it were requested alone. */
export function pathOfPart({ service, name }: Pick<LivePart, 'service' | 'name'>): string {
  return `/${service}/live/${name}`
}

/** Reads the parameter `of`; throws `INVALID_PAYLOAD`. */
export function partsOf(of: string | undefined): readonly LivePart[] {
  const list = of === undefined ? undefined : parseJson(of, depthMax, 'The parameter of')
  if (!Array.isArray(list) || list.length === 0 || list.length > partCountMax) throw invalid()
  return list.map((part: unknown) => {
    if (!Array.isArray(part)) throw invalid()
    const [service, name, input, after] = part as unknown[]
    if (typeof service !== 'string' || typeof name !== 'string' || input === undefined) throw invalid()
    if (after !== undefined && typeof after !== 'string') throw invalid()
    return { service, name, input, after }
  })
}

/** Parts as the parameter `of`. */
export function ofParameter(parts: readonly LivePart[]): string {
  return JSON.stringify(
    parts.map(({ service, name, input, after }) => [service, name, input, ...(after === undefined ? [] : [after])]),
  )
}

function invalid(): TidingsError {
  return new TidingsError('INVALID_PAYLOAD', `"of" must be a list of 1 to ${partCountMax} live queries.`, {
    hint: 'Write ?of=[["<service>","<name>",<input>], …], URI-encoded. A fourth member may be the id of the last event that was read.',
  })
}
