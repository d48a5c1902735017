// The witness: each function that works (handlers, commands, timers, outcomes of effects) keeps, in its own service's store and in its own unit
// of work, that it has taken effect. It is a table as any user could add one, so what the checkers read is what users would see of their own rows.
// Invariant: a run that is not committed leaves nothing, and one that is committed twice leaves two rows.

import {
  type CommandDeclaration,
  defineTable,
  type EffectDeclaration,
  type EventMeta,
  type NamedHandler,
  type Service,
  type TimerDeclaration,
} from 'tidings'
import type { Store } from 'tidings/ports'
import type { Life } from '../../world/life.ts'
import { anySchema } from './any-schema.ts'
import { countingContext, type Deeds, noDeeds, type TimerDeed } from './operations.ts'
import type { Passage } from '../system/port-call.ts'
import { processSeen } from './observe-process.ts'
import type { Stage } from '../system/simulated-system.ts'

/** The table of the witness, in each simulated service. */
export const witnessTable = 'simulation-witness'
const property = 'simulationWitness'

/** That a function has taken effect. */
export interface Witness extends Deeds {
  readonly run: string
  /** Of the commit; 0 where it is told from a history. */
  readonly revision: number
  /** What has run; an input of a process manager is told from its history. */
  readonly kind: 'handler' | 'command' | 'timer' | 'effect' | 'process'
  /** The function's name; `<process>.<timer>` for a process manager's timer. */
  readonly name: string
  /** The lane of a handler or process manager. */
  readonly lane: string
  /** The source of an event. */
  readonly source: string
  /** The key of the event, timer or effect. */
  readonly key: string
  /** The instance of a process manager, and the position of the event it has heard. */
  readonly instance?: string
  readonly position?: string
  /** The event's id; an effect's idempotency key; otherwise the conversation. */
  readonly about: string
}

type KeptWitness = Omit<Witness, 'revision'>
type About = Omit<KeptWitness, keyof Deeds | 'run'>

const definition = defineTable(witnessTable)
  .version(1, anySchema<KeptWitness>())
  .key(({ run }) => run)

interface WorkContext {
  readonly tables: Readonly<Record<string, { put(row: unknown): void }>>
  readonly correlationId: string
  readonly event?: EventMeta
  readonly timer?: { readonly key: string }
  readonly idempotencyKey?: string
}

type Run = (data: unknown, context: unknown) => unknown

/** A service whose functions bear witness, and can be reached by the stage's faults. */
export function witnessed(stage: Stage, service: Service, life: Life): Service {
  const processes = new Map(
    service.processes.map((manager) => {
      const around = (name: string, key: string, run: () => unknown) => through(stage, life, name, key, run)
      return [manager.name, processSeen(stage.processRuns, manager, around)] as const
    }),
  )
  return {
    ...service,
    tables: { ...service.tables, [property]: definition },
    handlers: service.handlers.map((handler) => {
      const manager = processes.get(handler.process?.name ?? '')
      if (manager === undefined) return ofHandler(stage, handler, life)
      const input = manager.inputs.find(({ on, name }) => on === 'event' && name === handler.input?.name)
      return { ...handler, process: manager, ...(input?.on === 'event' ? { input } : {}) }
    }),
    commands: service.commands.map((command) => ofCommand(stage, command, life)),
    timerHandlers: service.timerHandlers.map((timer) => ofTimer(stage, timer, life)),
    effects: service.effects.map((effect) => ofEffect(stage, effect, life)),
    processes: [...processes.values()],
  }
}

function ofHandler(stage: Stage, handler: NamedHandler, life: Life): NamedHandler {
  return {
    ...handler,
    run: (data, given) => {
      const context = given as WorkContext
      const { event } = context
      if (event === undefined) return handler.run(data, given)
      stage.counts.handled++
      const { name, lane } = handler
      const about = { kind: 'handler', name, lane, source: event.source, key: event.key, about: event.id } as const
      return through(stage, life, name, event.key, () => testify(stage, context, about, data, handler.run))
    },
  }
}

function ofCommand(stage: Stage, declaration: CommandDeclaration, life: Life): CommandDeclaration {
  const { name } = declaration.command
  return {
    ...declaration,
    run: (data, given) => {
      const context = given as WorkContext
      const about = { ...nowhere, kind: 'command', name, about: context.correlationId } as const
      const run = () => testify(stage, context, about, data, declaration.run)
      return through(stage, life, name, declaration.command.keyOf(data), run)
    },
  }
}

function ofTimer(stage: Stage, declaration: TimerDeclaration, life: Life): TimerDeclaration {
  const { timer: name } = declaration
  return {
    ...declaration,
    run: (data, given) => {
      const context = given as WorkContext
      const key = context.timer?.key ?? ''
      const about = { ...nowhere, kind: 'timer', name, key, about: context.correlationId } as const
      const fired: TimerDeed = { order: stage.counts.deeds++, timer: name, key, deed: 'fired' }
      const run = () => testify(stage, context, about, data, declaration.run, [fired])
      return through(stage, life, name, key, run)
    },
  }
}

function ofEffect(stage: Stage, declaration: EffectDeclaration, life: Life): EffectDeclaration {
  const { effect, outcome: leadsTo = () => undefined } = declaration
  const { name } = effect
  return {
    ...declaration,
    outcome: (outcome, given) => {
      const context = given as WorkContext & { readonly input: unknown }
      const key = effect.keyOf(context.input)
      const about = { ...nowhere, kind: 'effect', name, key, about: context.idempotencyKey ?? '' } as const
      return through(stage, life, name, key, () => testify(stage, context, about, outcome, leadsTo))
    },
  }
}

const nowhere = { lane: '', source: '', key: '' } as const

// A function that does not wait is not made to wait: the runtime takes another way for those that do.
function testify(
  stage: Stage,
  context: WorkContext,
  about: About,
  data: unknown,
  run: Run,
  timers: readonly TimerDeed[] = [],
): unknown {
  const { counts } = stage
  const deeds = noDeeds(context.correlationId, timers)
  const keep = () => {
    counts.runs++
    const isNews = about.kind !== 'command' || deeds.published + deeds.requested.length + deeds.timers.length > 0
    if (isNews) {
      const witness: KeptWitness = { ...about, ...deeds, run: String(counts.runs).padStart(9, '0') }
      context.tables[property]?.put(witness)
    }
  }
  const answer = run(data, countingContext(context, deeds, counts))
  if (answer instanceof Promise)
    return answer.then((value: unknown) => {
      keep()
      return value
    })
  keep()
  return answer
}

function through(stage: Stage, life: Life, name: string, key: string, run: () => unknown): unknown {
  if (stage.interceptors.size === 0) return run()
  const passage: Passage = {
    service: life.service,
    life,
    call: 'handler',
    before: ['handler'],
    after: ['handler'],
    name,
    key,
  }
  return stage.pass(passage, run)
}

/** What was witnessed, in the order in which it was committed. */
export async function readWitnesses(store: Store): Promise<readonly Witness[]> {
  const witnesses: Witness[] = []
  for (let after: string | undefined; ; ) {
    const page = await store.find({
      table: witnessTable,
      limit: 1_000,
      ...(after === undefined ? {} : { after: { key: after } }),
    })
    for (const { json, revision } of page) witnesses.push({ ...(JSON.parse(json) as KeptWitness), revision })
    after = page.at(-1)?.key
    if (page.length < 1_000) break
  }
  return witnesses.sort((a, b) => a.revision - b.revision || (a.run < b.run ? -1 : 1))
}
