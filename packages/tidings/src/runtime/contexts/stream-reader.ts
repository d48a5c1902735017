// Reads of a service's own streams: the state of a stream now or in the past, and its facts.

import { checkKey } from '../../contracts/index.ts'
import { TidingsError } from '../../errors/index.ts'
import type { StreamReader } from '../../services/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { copyState } from '../streams/copy-state.ts'
import { streamOf } from '../streams/decide.ts'
import { type LoadedStream, loadPastState, loadStream, readFactsOfStream } from '../streams/load-stream.ts'
import { countOf, readRowsMax } from '../tables/ask-for-rows.ts'
import { pageToken, placeInToken } from '../tables/page-token.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'

/** Reads streams: through a unit of work if there is one, so that the version read is checked at commit. */
export function streamReader(core: ServiceCore, unit: UnitOfWork | undefined): StreamReader {
  const declarationOf = (decider: { readonly name: string }) => {
    const declaration = core.service.deciders.find((other) => other.decider.name === decider.name)
    if (declaration === undefined)
      throw new TidingsError('NOT_DECLARED', `Service ${core.service.name} has no streams of decider ${decider.name}.`)
    return declaration
  }
  return {
    load: async (decider, key, past) => {
      const declaration = declarationOf(decider)
      checkKey(`a stream of ${decider.name}`, key)
      if (past !== undefined) return publicState(await loadPastState(core.store, declaration.decider, key, past))
      return publicState(
        unit === undefined
          ? await loadStream(core.store, declaration.decider, key)
          : await streamOf(unit, declaration, key, core.streams),
      )
    },
    read: async (decider, key, { afterVersion = 0, limit } = {}) => {
      const { decider: declared } = declarationOf(decider)
      const wanted = limit === undefined ? readRowsMax : countOf('limit', limit)
      const facts = await readFactsOfStream(
        core.store,
        declared,
        key,
        afterVersion,
        wanted + (limit === undefined ? 1 : 0),
      )
      if (facts.length <= wanted) return facts
      throw new TidingsError(
        'TOO_MANY_ROWS',
        `Stream ${decider.name}/${key} has more than ${readRowsMax} facts to read.`,
      )
    },
    page: async (decider, key, { size = 100, after } = {}) => {
      const { decider: declared } = declarationOf(decider)
      const wanted = countOf('size', size)
      const reading = { of: `${core.service.name}/${decider.name}/${key}`, sort: 'version', selection: '' }
      const afterVersion = after === undefined ? 0 : (placeInToken(after, reading) as number)
      const facts = await readFactsOfStream(core.store, declared, key, afterVersion, wanted + 1)
      const rows = facts.slice(0, wanted)
      const last = rows.at(-1)?.meta.streamVersion
      return { rows, next: facts.length > wanted ? pageToken(reading, last) : undefined }
    },
  }
}

function publicState({ state, version }: LoadedStream): { state: never; version: number } {
  return { state: copyState(state) as never, version }
}
