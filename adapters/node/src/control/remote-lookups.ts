// Sends lookups to services in other processes: finds the owner by its run file and calls its control endpoint. Lookups never leave this
// machine.

import { isTidingsError, TidingsError } from 'tidings'
import type { LookupAnswer, LookupRequest, Lookups } from 'tidings/ports'
import { askControl } from './control-call.ts'
import { type RunFile, readRunFiles } from './run-file.ts'

/** Sends lookups by the run files in a system's data folder. Throws the errors that the port `Lookups` names. */
export function remoteLookups(directory: string): Lookups {
  const known = new Map<string, RunFile>()
  return {
    ask: async (request: LookupRequest): Promise<LookupAnswer> => {
      const owner = known.get(request.service) ?? find(directory, request.service)
      known.set(request.service, owner)
      const { minimumPosition, ...rest } = request
      try {
        return await askControl<LookupAnswer>(owner, {
          method: 'POST',
          path: '/control/lookup',
          body: { ...rest, floor: minimumPosition },
          timeoutMs: Math.max(1, Math.ceil(request.timeoutMs)),
        })
      } catch (cause) {
        // The owner may have moved: the next attempt reads the run files again.
        known.delete(request.service)
        if (isTidingsError(cause) && requestCodes.includes(cause.code)) throw cause
        throw new TidingsError('LOOKUP_UNAVAILABLE', `Service ${request.service} did not answer ${request.query}.`, {
          cause,
        })
      }
    },
  }
}

/** The codes of errors that the request itself causes. Any other error means that the owner is unavailable. */
const requestCodes: readonly string[] = ['LOOKUP_BEHIND', 'INVALID_PAYLOAD', 'UNKNOWN_QUERY']

function find(directory: string, service: string): RunFile {
  // The newest run file: an older one may be left from a process that died and whose id was reused.
  const [owner] = readRunFiles(directory)
    .filter(({ services }) => services.includes(service))
    .sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1))
  if (owner !== undefined) return owner
  throw new TidingsError('LOOKUP_UNAVAILABLE', `Service ${service} is not running.`)
}
