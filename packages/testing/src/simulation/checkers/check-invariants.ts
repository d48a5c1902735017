// Checks the invariants of a simulation. One that cannot be checked now, because a service is down, is checked later.

import { isTidingsError, type QueryContract, type Service } from 'tidings'
import { messageOfThrown } from 'tidings/errors'
import type { Store } from 'tidings/ports'
import { publishedEvent, readWholeLog } from '../../world/read-log.ts'
import type { ServiceRun } from '../../world/service-run.ts'
import type { Invariant, InvariantTools } from '../definition/define-invariant.ts'
import { readRows } from '../evidence/evidence.ts'
import type { SimulatedSystem } from '../system/simulated-system.ts'
import { RunFailed } from './failure.ts'

/** Checks invariants; throws `RunFailed` at the first that is broken. */
export async function checkInvariants(
  system: SimulatedSystem,
  invariants: readonly Invariant[],
  step: number | 'rest',
): Promise<void> {
  for (const { name, check } of invariants) {
    const found = await ask(system, check).catch((error: unknown) => {
      if (step !== 'rest' && isTidingsError(error) && transientCodes.has(error.code)) return undefined
      if (isTidingsError(error)) throw error
      return messageOfThrown(error)
    })
    if (found === undefined) continue
    throw new RunFailed({ checker: `invariant: ${name}`, promise: `${name}.`, breaches: [`${found}`], step })
  }
}

const transientCodes = new Set(['CLOSED', 'UNKNOWN_SERVICE', 'STORE_UNAVAILABLE', 'BROKER_UNAVAILABLE', 'TIMED_OUT'])
const askMsMax = 5_000

async function ask(system: SimulatedSystem, check: Invariant['check']): Promise<string | undefined> {
  const answer = system.world.drive(Promise.resolve(check(toolsOn(system))), askMsMax)
  return (await answer) ?? undefined
}

function toolsOn(system: SimulatedSystem): InvariantTools {
  const isAwake = ({ lifetime }: ServiceRun) => !lifetime.isPaused
  const storeOf = (service: string): Store => {
    system.runs.reach(service)
    return system.stores.get(service) as Store
  }
  // These stores have no wrappers, so time would go on while one in a server reads.
  const { outside } = system.world
  return {
    query: (async (query: QueryContract, input: unknown) => {
      const { runtime, lifetime } = system.runs.reach(query.owner, isAwake)
      return lifetime.unlessKilled(runtime.query(query.name, input))
    }) as InvariantTools['query'],
    events: async (...contracts) => {
      const [{ owner }] = contracts
      const byName = new Map<string, (typeof contracts)[number]>(contracts.map((contract) => [contract.name, contract]))
      const other = contracts.find((contract) => contract.owner !== owner)
      if (other !== undefined)
        throw new RangeError(`There is no order between the events of ${owner} and those of ${other.owner}.`)
      const store = storeOf(owner)
      const events = await outside(readWholeLog((request) => store.readEventLog(request), [...byName.keys()]))
      return events.map((event) => publishedEvent(byName.get(event.type) as (typeof contracts)[number], event))
    },
    rows: (async (service: Service, table: string) => {
      const definition = service.tables[table]
      if (definition === undefined) throw new RangeError(`Service ${service.name} has no table ${table}.`)
      return (await outside(readRows(storeOf(service.name), definition.name))).map(({ row }) => row)
    }) as unknown as InvariantTools['rows'],
  }
}
