// A service as a test runs it: its own declarations, but its functions are watched, each event gets one attempt, and hidden commands and a
// hidden query write and read its rows. Invariant: what runs is the service's own code on the real runtime; only observation is added.

import {
  defineCommand,
  defineQuery,
  type EffectContract,
  type ImportedFact,
  type Schema,
  type Service,
  TidingsError,
} from 'tidings'

const unchecked: Schema = { '~standard': { version: 1, vendor: 'tidings', validate: (value) => ({ value }) } }

/** Rows by table. */
export type Rows = Readonly<Record<string, readonly unknown[]>>

/** The hidden command that puts rows into tables. */
export const writeRows = defineCommand('testing-write-rows', { input: unchecked })

/** The hidden command that requests an effect, for tests of the effect alone. */
export const requestEffect = defineCommand('testing-request-effect', { input: unchecked })

/** The rows of a service's tables, read models and replicas. */
export interface Holdings {
  readonly tables: Rows
  readonly readModels: Rows
  readonly replicas: Rows
}

interface Writer {
  put(row: unknown): void
}
interface Reader {
  list(): Promise<readonly unknown[]>
}

/** Adds hidden commands and a hidden query: a command writes rows through its unit of work, the query reads them. */
export function withHiddenCommands(service: Service): Service {
  const readRows = defineQuery('testing-read-rows', { owner: service.name, input: unchecked, output: unchecked })
  return {
    ...service,
    commands: [
      ...service.commands,
      {
        kind: 'command-handler',
        service: service.name,
        command: writeRows,
        publishes: [],
        executes: [],
        requests: [],
        run: (data, context) => {
          const { tables } = context as { tables: Readonly<Record<string, Writer>> }
          for (const [name, rows] of Object.entries(data as Rows)) for (const row of rows) tables[name]?.put(row)
        },
      },
      {
        kind: 'command-handler',
        service: service.name,
        command: requestEffect,
        publishes: [],
        executes: [],
        requests: service.effects.map(({ effect }) => effect),
        run: (data, context) => {
          const { name, input } = data as { readonly name: string; readonly input: unknown }
          const effect = service.effects.find((declaration) => declaration.effect.name === name)?.effect
          const { request } = context as { request(effect: EffectContract, input: unknown): string }
          if (effect === undefined) throw new TidingsError('NOT_DECLARED', `${service.name} performs no ${name}.`)
          request(effect, input)
        },
      },
    ],
    queries: [
      ...service.queries,
      {
        kind: 'query-handler',
        service: service.name,
        query: readRows,
        run: async (_input, context): Promise<Holdings> => {
          const readers = context as Readonly<Record<keyof Holdings, Readonly<Record<string, Reader>>>>
          const read = async (kind: keyof Holdings, names: readonly string[]) => {
            const rows: Record<string, readonly unknown[]> = {}
            for (const name of names) rows[name] = (await readers[kind][name]?.list()) ?? []
            return rows
          }
          return {
            tables: await read('tables', Object.keys(service.tables)),
            readModels: await read('readModels', Object.keys(service.readModels)),
            replicas: await read('replicas', Object.keys(service.replicas)),
          }
        },
      },
    ],
  }
}

/** The name of the hidden query. */
export const readRowsName = 'testing-read-rows'

/** What a watched service did. */
export interface Watched {
  /** Set while a test runs one handler's function alone. */
  only: HandlerRun | undefined
  /** Handlers that ran, by name. */
  readonly handled: string[]
  /** Timers that came due, as `<process>.<timer>/<key>` or `<timer>/<key>`. */
  readonly fired: Set<string>
  /** Commands that were executed, the one that the test sent included. */
  readonly executed: { readonly command: string; readonly input: unknown }[]
  /** What functions threw. */
  readonly errors: unknown[]
}

/** The function of a handler. */
export type HandlerRun = Service['handlers'][number]['run']

/** Watches the functions of a service, and limits each event, timer and effect to one attempt. */
export function watched(service: Service): { readonly service: Service; readonly watched: Watched } {
  const seen: Watched = { only: undefined, handled: [], fired: new Set(), executed: [], errors: [] }
  const isMeant = (handler: HandlerRun) => seen.only === undefined || seen.only === handler
  const run = async (work: () => unknown): Promise<unknown> => {
    try {
      return await work()
    } catch (error) {
      seen.errors.push(error)
      throw error
    }
  }
  return {
    watched: seen,
    service: {
      ...service,
      limits: { ...service.limits, attemptsMax: 1 },
      handlers: service.handlers.map((handler) => {
        const watch: HandlerRun = (data, context) => {
          if (!isMeant(handler.run)) return undefined
          seen.handled.push(handler.name)
          return run(() => handler.run(data, context))
        }
        const { input } = handler
        if (input === undefined) return { ...handler, run: watch }
        const keyOf = (data: unknown) => {
          if (!isMeant(handler.run)) return undefined
          // An event counts as handled even if it belongs to no instance.
          seen.handled.push(handler.name)
          return input.keyOf(data)
        }
        return { ...handler, run: watch, input: { ...input, keyOf, run: watch } }
      }),
      timerHandlers: service.timerHandlers.map((handler) => ({
        ...handler,
        run: (data, context) => {
          seen.fired.add(timerName(undefined, handler.timer, (context as FiredContext).timer.key))
          return run(() => handler.run(data, context))
        },
      })),
      processes: service.processes.map((manager) => ({
        ...manager,
        inputs: manager.inputs.map((input) => {
          if (input.on === 'event') return input
          const watch: HandlerRun = (data, context) => {
            seen.fired.add(timerName(manager.name, input.timer, (context as FiredContext).timer.key))
            return run(() => input.run(data, context))
          }
          return { ...input, run: watch }
        }),
      })),
      effects: service.effects.map((declaration) => ({
        ...declaration,
        attemptsMax: 1,
        ...(declaration.outcome === undefined
          ? {}
          : { outcome: (outcome, context) => run(() => declaration.outcome?.(outcome, context)) }),
      })),
      commands: service.commands.map((declaration) => ({
        ...declaration,
        run: (data, context) => {
          seen.executed.push({ command: declaration.command.name, input: data })
          return declaration.run(data, context)
        },
      })),
      deciders: service.deciders.map((declaration) => ({
        ...declaration,
        decider: watchDecider(declaration.decider, seen),
      })),
      projections: service.projections.map((projection) => ({
        ...projection,
        steps: projection.steps.map((step) => watchStep(step, run)),
      })),
    },
  }
}

interface FiredContext {
  readonly timer: { readonly key: string }
}

/** The name of a timer and its key in one string. */
export function timerName(process: string | undefined, timer: string, key: string): string {
  return `${process === undefined ? '' : `${process}.`}${timer}/${key}`
}

type Step = Service['projections'][number]['steps'][number]

function watchStep(step: Step, run: (work: () => unknown) => Promise<unknown>): Step {
  const watch = (data: unknown, context: unknown) => run(() => step.run(data, context as never))
  return { ...step, run: watch }
}

type AnyDecider = Service['deciders'][number]['decider']

function watchDecider(decider: AnyDecider, seen: Watched): AnyDecider {
  const decide: Record<
    string,
    (command: never, state: never, tools: never) => ReturnType<AnyDecider['decide'][string]>
  > = {}
  for (const [name, own] of Object.entries(decider.decide)) {
    decide[name] = (command, state, tools) => {
      seen.executed.push({ command: decider.commands[name]?.name ?? name, input: command })
      return own(command, state, tools)
    }
  }
  return { ...decider, decide }
}

/** A service that is only filled: no handler runs, nothing is published. */
export function silent(service: Service): Service {
  return {
    ...service,
    handlers: [],
    processes: [],
    effects: [],
    deciders: service.deciders.map((declaration) => ({ ...declaration, announce: {} })),
  }
}

/** A service whose handlers receive only events published from now on, and that performs only the effects whose outcome the test gives. */
export function hearing(service: Service, performs: ReadonlySet<string>): Service {
  return {
    ...service,
    handlers: service.handlers.map((handler) => ({ ...handler, from: 'now' })),
    effects: service.effects.filter(({ effect }) => performs.has(effect.name)),
  }
}

/** A service with one read model or replica and nothing else. */
export function keepingOnly(service: Service, readModel: string): Service {
  const projections = service.projections.filter(({ name }) => name === readModel)
  const writes = new Set(projections.flatMap((projection) => projection.writes))
  return {
    ...silent(service),
    projections,
    readModels: Object.fromEntries(Object.entries(service.readModels).filter(([name]) => writes.has(name))),
    replicas: Object.fromEntries(Object.entries(service.replicas).filter(([name]) => name === readModel)),
  }
}

/** Facts of one stream that a service has before the step that is tested. */
export interface GivenStream {
  readonly decider: AnyDecider
  readonly stream: string
  readonly facts: readonly ImportedFact[]
}
