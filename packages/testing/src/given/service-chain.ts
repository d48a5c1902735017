// given(service) …: one service alone, on the real runtime and the in-memory driver: the same code that runs in production.

import type {
  CommandContract,
  CommandInput,
  CommandOutput,
  DecidedFact,
  Decider,
  Duration,
  EffectContract,
  EffectInput,
  EventContract,
  EventData,
  EventInput,
  HandlerDeclaration,
  ProcessDeclaration,
  QueryContract,
  QueryData,
  QueryInput,
  QueryOutput,
  QueryReturned,
  Service,
} from 'tidings'
import { isRejection, TidingsError } from 'tidings'
import { durationMs, toJson, validate } from 'tidings/contracts'
import { checkKind, checkObject, importHint } from 'tidings/errors'
import type { AnswerQueryOptions, CommandResult, HandleCommandOptions } from 'tidings/runtime'
import { ExpectationFailed, expectSame, showValue } from '../expectations/index.ts'
import { type OldEventDetails, ownLimitsApply, type Retracted } from '../session/event-record.ts'
import type { GivenEffect } from '../session/stand-in-effects.ts'
import type { SimulatedEngine } from '../world/simulated-engine.ts'
import {
  type DefinitionOf,
  type Expectation,
  type ExpectedError,
  expectConsequences,
  expectError,
  expectNoError,
  expectNothing,
  type PlainExpectation,
  type RowsOf,
} from './expect-consequences.ts'
import { durationOf } from './expect-schedule.ts'
import type { GivenFact } from './given-fact.ts'
import { importedFact } from './given-fact.ts'
import { type AwaitHook, refuseAwait } from './refuse-await.ts'
import { type Circumstances, type Consequences, type Happening, runSteps, type TestStep } from './run-alone.ts'

/** What a test can run on a service: an event that it handles, one of its handlers, a command, a query, or an effect that it performs. */
export type Subject = EventContract | HandlerDeclaration | CommandContract | QueryContract | EffectContract

/** The input of a subject. */
export type InputOfSubject<X extends Subject> =
  X extends HandlerDeclaration<infer E>
    ? EventInput<E> | Retracted
    : X extends EventContract
      ? EventInput<X> | Retracted
      : X extends CommandContract
        ? CommandInput<X>
        : X extends QueryContract
          ? QueryInput<X>
          : X extends EffectContract
            ? EffectInput<X>
            : never

/** The options of a subject. */
export type OptionsOfSubject<X extends Subject> = X extends CommandContract
  ? HandleCommandOptions
  : X extends QueryContract
    ? AnswerQueryOptions
    : X extends EffectContract
      ? Record<never, never>
      : Partial<OldEventDetails>

/** The expectations that a subject allows. */
export type OutcomeOfSubject<S extends Service, X extends Subject> = X extends CommandContract
  ? CommandOutcome<S, X>
  : X extends QueryContract
    ? QueryOutcome<X>
    : HandlerOutcome<S>

/** States of some of a service's replicas. */
export type ReplicasOf<S extends Service> = {
  readonly [Name in keyof DefinitionOf<S>['replicas']]?: readonly EventData<DefinitionOf<S>['replicas'][Name]['of']>[]
}

/** A service and what it has; each method returns a new chain. */
export interface ServiceGiven<S extends Service> {
  /** Rows of its tables. */
  tables(rows: RowsOf<DefinitionOf<S>['tables']>): ServiceGiven<S>
  /** Rows of its replicas; they arrive as events of their owners. */
  replicas(states: ReplicasOf<S>): ServiceGiven<S>
  /** Facts of one of its own streams. */
  facts<D extends Decider>(decider: D, stream: string, facts: readonly GivenFact<D>[]): ServiceGiven<S>
  /** Answers its lookups of another service's query; `undefined` means that it is gone, and an error that the owner fails. */
  lookups<Q extends QueryContract>(
    query: Q,
    answer: (input: QueryData<Q>) => QueryReturned<Q> | undefined | Promise<QueryReturned<Q> | undefined>,
  ): ServiceGiven<S>
  /** Performs an effect in place of the service's own function. Effects that are not given are requested, and never performed. */
  performs<E extends EffectContract>(effect: E, perform: GivenEffect<E>[1]): ServiceGiven<S>
  /** The current time. Default: when the first thing that is given occurred, if the test says so; otherwise 2026-01-01T00:00:00Z. */
  at(time: Date): ServiceGiven<S>
  /** Runs on this engine instead of the in-memory one, such as SQLite for queries with SQL (see `engineInFolder`). */
  engine(engine: SimulatedEngine): ServiceGiven<S>
  /** An event that it handled before, with all consequences. */
  heard<E extends EventContract>(
    event: E,
    data: EventInput<E> | Retracted,
    details?: Partial<OldEventDetails>,
  ): ServiceGiven<S>
  /**
   * Runs one step: an event for its handlers and process managers, an event for one handler alone, a command, a query, or an effect that it
   * performs.
   */
  when<X extends Subject>(subject: X, input: InputOfSubject<X>, options?: OptionsOfSubject<X>): OutcomeOfSubject<S, X>
  /** Lets time pass; whatever comes due meanwhile happens at its time. */
  whenTimePasses(duration: Duration): HandlerOutcome<S>
}

/** The test so far: await it, or continue with another step. */
export interface ServiceFollowUp<S extends Service> extends Promise<void> {
  /** Runs the next step; the next expectation is about its consequences. */
  when<X extends Subject>(subject: X, input: InputOfSubject<X>, options?: OptionsOfSubject<X>): OutcomeOfSubject<S, X>
  /** Lets time pass; whatever comes due meanwhile happens at its time. */
  whenTimePasses(duration: Duration): HandlerOutcome<S>
}

/** What can be expected after an event, an effect, or time that passes. */
export interface HandlerOutcome<S extends Service> {
  /** Expects success with these consequences. */
  then<
    const P extends readonly EventContract[] = readonly [],
    const C extends readonly CommandContract[] = readonly [],
    const D extends readonly Decider[] = readonly [],
    const R extends readonly EffectContract[] = readonly [],
    const M extends readonly ProcessDeclaration[] = readonly [],
  >(expected: Expectation<S, P, C, D, R, M>): ServiceFollowUp<S>
  /** Expects success without any consequence. */
  thenNothing(): ServiceFollowUp<S>
  /** Expects an error: its code, a part of its message, or a pattern that the message matches. */
  thenFails(error: ExpectedError): ServiceFollowUp<S>
}

/** What can be expected of a command. */
export interface CommandOutcome<S extends Service, X extends CommandContract> {
  /** Expects that it was accepted, with these consequences. */
  then<
    const P extends readonly EventContract[] = readonly [],
    const C extends readonly CommandContract[] = readonly [],
    const D extends readonly Decider[] = readonly [],
    const R extends readonly EffectContract[] = readonly [],
    const M extends readonly ProcessDeclaration[] = readonly [],
  >(
    expected: Expectation<S, P, C, D, R, M> & {
      readonly output?: CommandOutput<X>
    },
  ): ServiceFollowUp<S>
  /** Expects that it was accepted, without any consequence. */
  thenNothing(): ServiceFollowUp<S>
  /** Expects a rejection with this code (and these details, if given), without any consequence. */
  thenRejected(code: string, details?: Readonly<Record<string, unknown>>): ServiceFollowUp<S>
  /** Expects an error: its code, a part of its message, or a pattern that the message matches. */
  thenFails(error: ExpectedError): ServiceFollowUp<S>
}

/** What can be expected of a query. */
export interface QueryOutcome<Q extends QueryContract> {
  /** Expects this answer. */
  thenAnswers(answer: QueryOutput<Q>): Promise<void>
  /** Expects that what the query asks for is gone, or never existed. */
  thenGone(): Promise<void>
  /** Expects an error: its code, a part of its message, or a pattern that the message matches. */
  thenFails(error: ExpectedError): Promise<void>
}

interface Setup extends Omit<Circumstances, 'lookups'> {
  readonly answers: ReadonlyMap<string, { readonly query: QueryContract; answer(input: never): unknown }>
  /** The steps so far. */
  readonly steps: readonly TestStep[]
}

/** Starts the chain for a service. */
export function givenService<S extends Service>(service: S): ServiceGiven<S> {
  const nothing = { at: undefined, engine: undefined, rows: {}, events: [], streams: [], effects: [], steps: [] }
  return chain({ ...nothing, service, answers: new Map() })
}

function chain<S extends Service>(setup: Setup): ServiceGiven<S> {
  const { service } = setup
  return {
    tables: (rows) => {
      checkNames(service, 'table', Object.keys(service.tables), rows)
      return chain({ ...setup, rows: { ...setup.rows, ...(rows as Setup['rows']) } })
    },
    replicas: (states) => {
      checkNames(service, 'replica', Object.keys(service.replicas), states)
      const events = Object.entries(states).flatMap(([name, list]) => {
        const contract = service.replicas[name]?.of as EventContract
        return (list as readonly unknown[]).map((data) => ({ contract, data, details: {} }))
      })
      return chain({ ...setup, events: [...setup.events, ...events] })
    },
    facts: (decider, stream, facts) => {
      const decided = facts.map((given) => importedFact(decider, given as DecidedFact))
      return chain({ ...setup, streams: [...setup.streams, { decider, stream, facts: decided }] })
    },
    lookups: (query, answer) =>
      chain({ ...setup, answers: new Map(setup.answers).set(`${query.owner}/${query.name}`, { query, answer }) }),
    performs: (effect, perform) => {
      checkNames(
        service,
        'effect',
        service.effects.map((declaration) => declaration.effect.name),
        { [effect.name]: perform },
      )
      const given = [effect, perform] as unknown as GivenEffect<EffectContract>
      return chain({ ...setup, effects: [...setup.effects, given] })
    },
    at: (time) => chain({ ...setup, at: time }),
    engine: (engine) => chain({ ...setup, engine }),
    heard: (event, data, details = {}) => {
      const hint = 'Write `.heard(SomethingHappened, { … })`.'
      checkKind(event, 'event', { what: `The first argument of .heard(…) for service ${service.name}`, hint })
      const happening: Happening = { kind: 'event', event: { contract: event, data, details }, only: undefined }
      const subject = `${nameOf(setup, happening)}, handled before,`
      const step: TestStep = { happening, check: (found) => expectNoError(subject, found) }
      return chain({ ...setup, steps: [...setup.steps, step] })
    },
    ...moves(setup),
  }
}

/** The next steps. */
function moves<S extends Service>(setup: Setup): Pick<ServiceGiven<S>, 'when' | 'whenTimePasses'> {
  return {
    when: (subject, input, options) => outcomeOf(setup, happeningOf(setup, subject, input, options ?? {})) as never,
    whenTimePasses: (duration) => outcomeOf(setup, { kind: 'time', ms: durationMs(duration) }) as never,
  }
}

function checkNames(service: Service, kind: string, names: readonly string[], given: object): void {
  checkObject(given, { what: `The ${kind}s of service ${service.name}`, hint: 'Write `{ name: [ … ] }`.' })
  const unknown = Object.keys(given).find((name) => !names.includes(name))
  if (unknown === undefined) return
  throw new TidingsError('NOT_DECLARED', `Service ${service.name} has no ${kind} ${JSON.stringify(unknown)}.`, {
    details: { names },
  })
}

function happeningOf(setup: Setup, subject: Subject, input: unknown, options: object): Happening {
  checkObject(subject, {
    what: `The first argument of .when(…) for service ${setup.service.name}`,
    hint: `Pass a handler, or the contract of an event, command, query or effect.${importHint(subject)}`,
  })
  if (subject.kind === 'command') return { kind: 'command', command: subject, input, options }
  if (subject.kind === 'query') return { kind: 'query', query: subject, input, options }
  if (subject.kind === 'effect') {
    if (setup.effects.some(([{ name }]) => name === subject.name)) return { kind: 'effect', effect: subject, input }
    throw new TidingsError('NOT_DECLARED', `The test gives no outcome for the effect ${subject.name}.`, {
      hint: 'Write .performs(effect, (input) => …) before .when(effect, …).',
    })
  }
  const contract = subject.kind === 'handler' ? subject.event : subject
  checkKind(contract, 'event', {
    what: `The first argument of .when(…) for service ${setup.service.name}`,
    hint: 'Pass a handler, or the contract of an event, command, query or effect.',
  })
  const only = subject.kind === 'handler' ? subject.run : undefined
  return { kind: 'event', event: { contract, data: input, details: options }, only }
}

function outcomeOf<S extends Service>(setup: Setup, happening: Happening) {
  const { service } = setup
  const subject = nameOf(setup, happening)
  const expect = (check: TestStep['check']): ServiceFollowUp<S> =>
    followUp({ ...setup, steps: [...setup.steps, { happening, check }] })
  const expectAccepted = (check: TestStep['check']) =>
    expect((found) => {
      expectNoError(subject, found)
      const { rejection } = (found.answer ?? {}) as { rejection?: unknown }
      if (happening.kind === 'command' && isRejection(rejection)) {
        throw new ExpectationFailed(
          `${subject} was rejected (${rejection.code}: ${rejection.message}), but the test expects it to be accepted.`,
          { found: rejection },
        )
      }
      return check(found)
    })
  return {
    // biome-ignore lint/suspicious/noThenProperty: given, when, then; refuseAwait answers an `await` with a sentence
    then: (
      expected: (PlainExpectation & { readonly output?: unknown }) | AwaitHook,
      onRejected?: AwaitHook,
    ): ServiceFollowUp<S> => {
      if (refuseAwait(expected, onRejected)) return undefined as never
      return expectAccepted((found) => {
        checkObject(expected, { what: `What is expected of ${subject}`, hint: 'Write `.then({ published: [ … ] })`.' })
        if ('output' in expected) {
          const { output } = found.answer as Extract<CommandResult, { accepted: true }>
          expectSame(`${subject} gave another answer than expected.`, expected.output, output)
        }
        return expectConsequences(subject, service, expected, found)
      })
    },
    thenNothing: () => expectAccepted((found) => expectNothing(subject, found)),
    thenRejected: (code: string, details?: Readonly<Record<string, unknown>>) =>
      expect((found) => expectRejected(subject, found, code, details)),
    thenFails: (error: ExpectedError) => expect((found) => expectError(subject, error, found)),
    thenAnswers: (answer: unknown) =>
      expectAccepted((found) => expectSame(`${subject} gave another answer than expected.`, answer, found.answer)),
    thenGone: () =>
      expectAccepted((found) =>
        expectSame(`${subject} answered, but the test expects it to be gone.`, undefined, found.answer),
      ),
  }
}

// If no step follows, these steps run on their own. If one follows, its follow-up runs all of them.
function followUp<S extends Service>(setup: Setup): ServiceFollowUp<S> {
  let continues = false
  const done = Promise.resolve().then(() =>
    continues ? undefined : runSteps({ ...setup, lookups: lookupsOf(setup) }, setup.steps),
  )
  const { when, whenTimePasses } = moves<S>(setup)
  return Object.assign(done, {
    when: ((...next) => {
      continues = true
      return when(...next)
    }) as typeof when,
    whenTimePasses: ((...next) => {
      continues = true
      return whenTimePasses(...next)
    }) as typeof whenTimePasses,
  })
}

function expectRejected(
  subject: string,
  found: Consequences,
  code: string,
  details: Readonly<Record<string, unknown>> | undefined,
): void {
  expectNoError(subject, found)
  const answer = found.answer as CommandResult
  if (answer.accepted) {
    throw new ExpectationFailed(`${subject} was accepted, but the test expects the rejection ${code}.`, {
      found: answer,
    })
  }
  const { rejection } = answer
  const wanted = details === undefined ? { code } : { code, details }
  const got = details === undefined ? { code: rejection.code } : { code: rejection.code, details: rejection.details }
  expectSame(`${subject} was rejected for another reason (${rejection.message})`, wanted, got)
  expectNothing(subject, found)
}

function nameOf({ service }: Setup, happening: Happening): string {
  if (happening.kind === 'command') return `Command ${happening.command.name} of ${service.name}`
  if (happening.kind === 'query') return `Query ${happening.query.name} of ${service.name}`
  if (happening.kind === 'effect') return `Effect ${happening.effect.name} of ${service.name}`
  if (happening.kind === 'time') return `Service ${service.name}, ${showValue(durationOf(happening.ms))} later`
  const { only, event } = happening
  const handler = service.handlers.find(({ run }) => run === only)
  if (handler !== undefined) return `Handler ${handler.name} of ${service.name}`
  return `Service ${service.name} on ${event.contract.name}`
}

function lookupsOf({ answers }: Setup): Circumstances['lookups'] {
  return {
    ask: async (request) => {
      const known = answers.get(`${request.service}/${request.query}`)
      if (known === undefined) {
        const message = `The test answers no lookup of ${request.query} at ${request.service}; add .lookups(…).`
        throw new TidingsError('UNKNOWN_QUERY', message)
      }
      const what = `The input of query ${request.query}`
      const output = await known.answer(validate(what, known.query.input, JSON.parse(request.input)) as never)
      if (output === undefined) return { found: false }
      // As the owner does it: it alone parses input and answer.
      const answer = `The answer of query ${request.query}`
      return { found: true, output: toJson(answer, validate(answer, known.query.output, output), ownLimitsApply) }
    },
  }
}
