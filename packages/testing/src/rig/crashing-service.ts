// A service whose process may die, and whose functions may loop or hang, before and after each of its functions. Invariant: as long as nothing is
// ordered, it behaves exactly like the service that it wraps; only the limit `crashesMax` is lifted, because here the rig kills the process and not an event.

import type { Service } from 'tidings'
import type { Reached } from './crash-points.ts'

type Run = (data: never, context: never) => unknown
type Around = 'command' | 'handler' | 'projection' | 'timer-fire' | 'effect' | 'effect-outcome' | 'query'

/** How many crashes an event may survive before it counts as poison, under a rig. */
const crashesMax = 1_000_000

/** Wraps a service with crash points around its functions. */
export function crashingService(service: Service, reached: Reached): Service {
  const around = (what: Around, run: Run) => (data: unknown, context: unknown) => {
    const hanging = reached(service.name, `${what}.before`)
    if (hanging !== undefined) return hanging
    const answer = run(data as never, context as never)
    if (answer instanceof Promise) return answer.then((value: unknown) => done(what, value))
    return done(what, answer)
  }
  const done = <T>(what: Around, value: T): T | Promise<never> => reached(service.name, `${what}.after`) ?? value
  const inputOf = <I extends Service['processes'][number]['inputs'][number]>(input: I): I => ({
    ...input,
    run: around(input.on === 'timer' ? 'timer-fire' : 'handler', input.run),
  })
  return {
    ...service,
    limits: { ...service.limits, crashesMax },
    commands: service.commands.map((each) => ({ ...each, run: around('command', each.run) })),
    queries: service.queries.map((each) => ({ ...each, run: around('query', each.run) })),
    timerHandlers: service.timerHandlers.map((each) => ({ ...each, run: around('timer-fire', each.run) })),
    processes: service.processes.map((each) => ({ ...each, inputs: each.inputs.map(inputOf) })),
    handlers: service.handlers.map((each) => ({
      ...each,
      ...(each.input === undefined ? {} : { input: inputOf(each.input) }),
      run: around('handler', each.lookups.length === 0 ? each.run : lookingUp(service.name, each.run, reached)),
    })),
    projections: service.projections.map((each) => ({
      ...each,
      steps: each.steps.map((step) => ({ ...step, run: around('projection', step.run) })),
    })),
    effects: service.effects.map((each) => ({
      ...each,
      perform: around('effect', each.perform),
      outcome: each.outcome === undefined ? undefined : around('effect-outcome', each.outcome),
    })),
    deciders: service.deciders.map((each) => ({
      ...each,
      decider: { ...each.decider, decide: mapped(each.decider.decide, service.name, reached) },
    })),
  }
}

type Decide = Service['deciders'][number]['decider']['decide']

function mapped(decide: Decide, service: string, reached: Reached): Decide {
  const entries = Object.entries(decide).map(([name, own]): [string, Decide[string]] => [
    name,
    (command, state, tools) => {
      void reached(service, 'command.before')
      const answer = own(command, state, tools)
      void reached(service, 'command.after')
      return answer
    },
  ])
  return Object.fromEntries(entries)
}

function lookingUp(service: string, run: Run, reached: Reached): Run {
  return (data, context: object) => {
    const watching = new Proxy(context, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target)
        if (name !== 'lookup' || typeof value !== 'function') return value
        return async (...question: readonly unknown[]) => {
          void reached(service, 'lookup.before')
          const answer: unknown = await value(...question)
          void reached(service, 'lookup.after')
          return answer
        }
      },
    })
    return run(data, watching as never)
  }
}
