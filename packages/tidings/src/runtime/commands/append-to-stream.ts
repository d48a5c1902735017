// Appends facts to a stream without a decision: for imports and tests. The stream must be at the expected version.

import { TidingsError } from '../../errors/index.ts'
import type { Decider, ImportedFact } from '../../services/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { appendFacts, newStream } from '../streams/decide.ts'
import { finishUnit } from '../unit-of-work/finish-unit.ts'
import { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { inlineProjections } from './inline-projections.ts'

/** Appends facts and returns the stream's new version. Throws `EXPECTED_VERSION` or `NOT_DECLARED`. */
export async function appendToStream(
  core: ServiceCore,
  decider: Decider,
  stream: string,
  facts: readonly ImportedFact[],
  expectedVersion: number,
): Promise<number> {
  const declaration = core.service.deciders.find((other) => other.decider.name === decider.name)
  if (declaration === undefined) {
    throw new TidingsError('NOT_DECLARED', `Service ${core.service.name} has no streams of decider ${decider.name}.`)
  }
  const id = core.environment.ids.next()
  const origin = {
    service: core.service.name,
    correlationId: id,
    causationId: id,
    causedBy: `append/${decider.name}`,
    principal: null,
    tenant: null,
    traceparent: null,
    tracestate: null,
    occurredAt: core.environment.clock.now(),
  }
  const unit = new UnitOfWork(core.store)
  const { environment, streams } = core
  const { limits } = core.service
  // If the stream must be empty, it is not read; the commit checks that it is.
  if (expectedVersion === 0) unit.setStream(newStream(decider, stream))
  await appendFacts(unit, declaration, stream, facts, origin, {
    environment,
    limits,
    onFact: inlineProjections(core, unit),
    streams,
    log: core.log,
  })
  const unfinished = finishUnit(unit, core.contracts, limits.publishCountMax)
  if (unfinished !== undefined) await unfinished
  const loaded = unit.stream(decider.name, stream)
  if (loaded !== undefined && loaded.storedVersion !== expectedVersion) {
    throw wrongVersion(decider, stream, expectedVersion, loaded.storedVersion)
  }
  const result = await core.commit(unit)
  if (result.committed) return loaded?.version ?? expectedVersion
  throw wrongVersion(decider, stream, expectedVersion, await core.store.streamVersion(decider.name, stream))
}

function wrongVersion(decider: Decider, stream: string, expected: number, actual: number): TidingsError {
  return new TidingsError(
    'EXPECTED_VERSION',
    `Stream ${decider.name}/${stream} is at version ${actual}, not at the expected version ${expected}.`,
    { details: { stream: `${decider.name}/${stream}`, expected, actual } },
  )
}
