// Lookups to services that run in other processes: the owner is found by its run file and asked at its control endpoint.
// Nothing but this machine is ever asked, whatever a query's owner is called.

import { isTidingsError, TidingsError } from 'tidings'
import type { LookupAnswer, LookupRequest, Lookups } from 'tidings/ports'
import { askControl } from './control-call.ts'
import { type RunFile, readRunFiles } from './run-file.ts'

/** Carries lookups by the run files of a system's data folder. Throws as the port says. */
export function remoteLookups(directory: string): Lookups {
  const known = new Map<string, RunFile>()
  return {
    ask: async (request: LookupRequest): Promise<LookupAnswer> => {
      const owner = known.get(request.service) ?? find(directory, request.service)
      known.set(request.service, owner)
      const { minimumPosition: floor, ...rest } = request
      try {
        return await askControl<LookupAnswer>(owner, {
          method: 'POST',
          path: '/control/lookup',
          body: { ...rest, floor },
          timeoutMs: Math.max(1, Math.ceil(request.timeoutMs)),
        })
      } catch (cause) {
        // It may have come back elsewhere: the next try reads the run files again.
        known.delete(request.service)
        if (isTidingsError(cause) && askerCodes.includes(cause.code)) throw cause
        throw new TidingsError('LOOKUP_UNAVAILABLE', `Service ${request.service} did not answer ${request.query}.`, {
          cause,
        })
      }
    },
  }
}

/** What says something about the question itself; everything else means that the owner cannot be asked now. */
const askerCodes: readonly string[] = ['LOOKUP_BEHIND', 'INVALID_PAYLOAD', 'UNKNOWN_QUERY']

function find(directory: string, service: string): RunFile {
  // The newest: an older file may be left over from a process whose id another one has now.
  const [owner] = readRunFiles(directory)
    .filter(({ services }) => services.includes(service))
    .sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1))
  if (owner !== undefined) return owner
  throw new TidingsError('LOOKUP_UNAVAILABLE', `Service ${service} does not run.`)
}
