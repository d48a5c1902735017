// Runs one input of a process manager, within the unit of work of its delivery: find the instance, load its state, decide, save the step.
// Invariant: everything read of the instance is checked at commit, so two inputs never both decide on the same state; the second one
// decides again, and nothing of its first try is published.

import { checkKey } from '../../contracts/index.ts'
import type { Awaitable } from '../../ports/index.ts'
import type {
  DecidedFact,
  Decider,
  DeciderDeclaration,
  DueTimer,
  EventProcessInput,
  ProcessDeclaration,
  TimerProcessInput,
} from '../../services/index.ts'
import { inlineProjections } from '../commands/inline-projections.ts'
import { isThenable } from '../concurrency/is-thenable.ts'
import type { HandlerDelivery } from '../contexts/handler-context.ts'
import type { ServiceCore } from '../core/service-core.ts'
import type { Invocation } from '../delivery/invocation.ts'
import { readItemData, type ScheduledItem, timerId } from '../schedule/scheduled-item.ts'
import { copyState } from '../streams/copy-state.ts'
import { appendFacts, newStream, streamOf } from '../streams/decide.ts'
import type { Origin } from '../unit-of-work/origin.ts'
import { systemTables } from '../unit-of-work/system-tables.ts'
import type { PendingStream, UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { type StepNotes, UnitProcessContext } from './process-context.ts'
import {
  instanceKey,
  type ProcessInstance,
  type ProcessStep,
  standing,
  stepKey,
  streamOfRun,
  streamsOf,
} from './process-instance.ts'

/** Runs an event in the instance of its key. Returns a promise only if it waits for something. */
export function runProcessEvent(
  core: ServiceCore,
  unit: UnitOfWork,
  manager: ProcessDeclaration,
  input: EventProcessInput,
  data: unknown,
  delivery: HandlerDelivery,
  origin: Origin,
): Awaitable<void> {
  const key = input.keyOf(data)
  if (key === undefined) return
  checkKey(`process ${manager.name}`, key)
  const { id } = delivery.event
  return runInput(
    core,
    unit,
    manager,
    { key, starts: input.starts, data, run: input.run, delivery, origin },
    { kind: 'event', name: input.name, id },
  )
}

/** Runs a due timer in its instance. */
export async function runProcessTimer(
  core: ServiceCore,
  invocation: Invocation,
  manager: ProcessDeclaration,
  item: ScheduledItem,
  timer: DueTimer,
  origin: Origin,
): Promise<void> {
  const definition = manager.timers[item.name]
  const input = manager.inputs.find(
    (other): other is TimerProcessInput => other.on === 'timer' && other.timer === item.name,
  )
  if (definition === undefined || input === undefined) return
  const data = readItemData(definition.chain, item)
  const work = { key: item.key, starts: false, data, run: input.run, timer, attempt: invocation.attempt, origin }
  await runInput(core, invocation.unit, manager, work, { kind: 'timer', name: item.name, lateMs: timer.lateMs })
}

interface Work {
  readonly key: string
  readonly starts: boolean
  readonly data: unknown
  readonly run: (data: unknown, context: unknown) => unknown
  readonly delivery?: HandlerDelivery
  readonly timer?: DueTimer
  readonly attempt?: number
  readonly origin: Origin
}

/** An input that runs: what it is, and what was found of its instance. */
interface RunningInput {
  readonly core: ServiceCore
  readonly unit: UnitOfWork
  readonly manager: ProcessDeclaration
  readonly work: Work
  readonly input: ProcessStep['input']
  readonly known: ProcessInstance | undefined
  /** Whether the input begins a run. */
  readonly isNew: boolean
  readonly run: number
  readonly declaration: DeciderDeclaration<Decider>
  readonly stream: string
}

// Each part goes on at once with what the part before returns, and waits only if that is a promise: most inputs wait for nothing.
function runInput(
  core: ServiceCore,
  unit: UnitOfWork,
  manager: ProcessDeclaration,
  work: Work,
  input: ProcessStep['input'],
): Awaitable<void> {
  const row = unit.get(systemTables.processes, instanceKey(manager.name, work.key))
  const found = (json: string | undefined): Awaitable<void> => {
    const known = json === undefined ? undefined : (JSON.parse(json) as ProcessInstance)
    const isNew = known === undefined || known.state === 'ended'
    if (isNew && !work.starts) return
    const run = (known?.run ?? 0) + (isNew ? 1 : 0)
    const declaration = streamsOf(manager)
    const stream = streamOfRun(work.key, run)
    return decideInput({ core, unit, manager, work, input, known, isNew, run, declaration, stream })
  }
  return row instanceof Promise ? row.then((read) => found(read?.json)) : found(row?.json)
}

function decideInput(running: RunningInput): Awaitable<void> {
  const { core, unit, manager, work, isNew, declaration, stream } = running
  // A new run has no facts yet.
  if (isNew && unit.stream(manager.name, stream) === undefined) unit.setStream(newStream(manager.decider, stream))
  const loaded = streamOf(unit, declaration, stream, core.streams)
  const decide = ({ state }: PendingStream): Awaitable<void> => {
    const notes: StepNotes = { published: [], executed: [], requested: [], timers: [], ended: false }
    const context = new UnitProcessContext(core, unit, work.origin, manager, notes, {
      ...work,
      state: copyState(state),
    })
    const decision = work.run(work.data, context)
    return isThenable(decision)
      ? Promise.resolve(decision).then((decided) => recordInput(running, context, notes, decided))
      : recordInput(running, context, notes, decision)
  }
  return loaded instanceof Promise ? loaded.then(decide) : decide(loaded)
}

function recordInput(
  running: RunningInput,
  context: UnitProcessContext,
  notes: StepNotes,
  decision: unknown,
): Awaitable<void> {
  const { core, unit, work, declaration, stream } = running
  const facts = factsIn(decision)
  context.assertAwaited()
  const { environment, streams } = core
  const appended = appendFacts(unit, declaration, stream, facts, work.origin, {
    environment,
    limits: core.service.limits,
    onFact: inlineProjections(core, unit),
    streams,
    log: core.log,
  })
  return appended instanceof Promise
    ? appended.then(() => saveStep(running, facts, notes))
    : saveStep(running, facts, notes)
}

function factsIn(decision: unknown): readonly DecidedFact[] {
  if (decision === undefined || decision === null) return []
  return Array.isArray(decision) ? (decision as DecidedFact[]) : [decision as DecidedFact]
}

function isEmpty({ published, executed, requested, timers, ended }: StepNotes): boolean {
  return !ended && published.length + executed.length + requested.length + timers.length === 0
}

function saveStep(running: RunningInput, facts: readonly DecidedFact[], notes: StepNotes): void {
  const { core, unit, manager, work, input, known, isNew, run, stream } = running
  // An input that decides nothing starts no instance.
  if (isNew && facts.length === 0 && isEmpty(notes)) return
  const { key, origin } = work
  const at = core.environment.clock.now()
  const steps = (known?.steps ?? 0) + 1
  const instance: ProcessInstance = {
    process: manager.name,
    key,
    run,
    state: notes.ended ? 'ended' : 'running',
    steps,
    startedAt: isNew || known === undefined ? at : known.startedAt,
    changedAt: at,
    ...(notes.ended ? { endedAt: at } : {}),
  }
  unit.put(systemTables.processes, instanceKey(manager.name, key), {
    schemaVersion: 1,
    json: JSON.stringify(instance),
    columns: [standing(manager.name, instance.state)],
  })
  const { ended, ...outputs } = notes
  const step: ProcessStep = {
    number: steps,
    run,
    at,
    occurredAt: origin.occurredAt,
    input,
    correlationId: origin.correlationId,
    version: unit.stream(manager.name, stream)?.version ?? 0,
    facts: facts.map(({ type }) => type),
    ...outputs,
    ...(ended ? { ended: true } : {}),
  }
  unit.putDocument(systemTables.processSteps, stepKey(manager.name, key, steps), step)
  // An instance that has ended has no timers.
  if (ended)
    for (const name of Object.keys(manager.timers))
      unit.deleteRow(systemTables.schedule, timerId(manager.name, name, key))
}
