// Asking invariants. One that cannot be asked just now, because a service is down, is asked again later.

import { isTidingsError, type QueryContract, type Service } from 'tidings'
import type { Store } from 'tidings/ports'
import { publishedEvent, readWholeLog } from '../../world/read-log.ts'
import { readRows } from '../evidence/evidence.ts'
import { RunFailed } from './failure.ts'
import type { Invariant, InvariantTools } from '../definition/define-invariant.ts'
import type { Stage } from '../system/simulated-system.ts'

/** Checks invariants; throws `RunFailed` at the first that is broken. */
export async function checkInvariants(
  stage: Stage,
  invariants: readonly Invariant[],
  step: number | 'rest',
): Promise<void> {
  for (const { name, check } of invariants) {
    const found = await ask(stage, check).catch((error: unknown) => {
      if (step !== 'rest' && isTidingsError(error) && passing.has(error.code)) return undefined
      if (isTidingsError(error)) throw error
      return error instanceof Error ? error.message : String(error)
    })
    if (found === undefined) continue
    throw new RunFailed({ checker: `invariant: ${name}`, promise: `${name}.`, breaches: [`${found}`], step })
  }
}

const passing = new Set(['CLOSED', 'UNKNOWN_SERVICE', 'STORE_UNAVAILABLE', 'BROKER_UNAVAILABLE', 'TIMED_OUT'])
const askMsMax = 5_000

async function ask(stage: Stage, check: Invariant['check']): Promise<string | undefined> {
  const answer = stage.world.drive(Promise.resolve(check(toolsOn(stage))), askMsMax)
  return (await answer) ?? undefined
}

function toolsOn(stage: Stage): InvariantTools {
  const storeOf = (service: string): Store => {
    stage.runs.of(service)
    return stage.stores.get(service) as Store
  }
  return {
    query: (async (query: QueryContract, input: unknown) => {
      const { runtime, life } = stage.runs.of(query.owner)
      return life.outlive(runtime.query(query.name, input))
    }) as InvariantTools['query'],
    events: async (...contracts) => {
      const [{ owner }] = contracts
      const byName = new Map<string, (typeof contracts)[number]>(contracts.map((contract) => [contract.name, contract]))
      const other = contracts.find((contract) => contract.owner !== owner)
      if (other !== undefined)
        throw new RangeError(`There is no order between the events of ${owner} and those of ${other.owner}.`)
      const store = storeOf(owner)
      const events = await readWholeLog((request) => store.readLog(request), [...byName.keys()])
      return events.map((event) => publishedEvent(byName.get(event.type) as (typeof contracts)[number], event))
    },
    rows: (async (service: Service, table: string) => {
      const definition = service.tables[table]
      if (definition === undefined) throw new RangeError(`Service ${service.name} has no table ${table}.`)
      return (await readRows(storeOf(service.name), definition.name)).map(({ row }) => row)
    }) as unknown as InvariantTools['rows'],
  }
}
