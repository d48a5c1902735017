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
  QueryInput,
  QueryOutput,
  Service,
} from 'tidings'
import { durationMs, isRejection, TidingsError, toJson, validate } from 'tidings'
import type { CommandOptions, CommandResult, QueryOptions } from 'tidings/runtime'
import { ExpectationFailed, expectSame, showValue } from '../expectations/index.ts'
import type { OldEventDetails, Retracted } from '../session/event-record.ts'
import type { GivenEffect } from '../session/stand-in-effects.ts'
import { durationOf } from './expect-agenda.ts'
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
import type { GivenFact } from './given-fact.ts'
import { plainFact } from './given-fact.ts'
import { type AwaitHook, refuseAwait } from './refuse-await.ts'
import { type Chapter, type Circumstances, type Consequences, type Happening, playStory } from './run-alone.ts'

/** Anything that can happen to a service: an event it hears, one of its handlers, a command, a query, an effect it performs. */
export type Subject = EventContract | HandlerDeclaration | CommandContract | QueryContract | EffectContract

/** What a subject is given. */
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

/** What may be said of a subject besides. */
export type OptionsOfSubject<X extends Subject> = X extends CommandContract
  ? CommandOptions
  : X extends QueryContract
    ? QueryOptions
    : X extends EffectContract
      ? Record<never, never>
      : Partial<OldEventDetails>

/** What can be expected of a subject. */
export type OutcomeOfSubject<S extends Service, X extends Subject> = X extends CommandContract
  ? CommandOutcome<S, X>
  : X extends QueryContract
    ? QueryOutcome<X>
    : HandlerOutcome<S>

/** States of some of a service's replicas. */
export type ReplicasOf<S extends Service> = {
  readonly [Name in keyof DefinitionOf<S>['replicas']]?: readonly EventData<DefinitionOf<S>['replicas'][Name]['of']>[]
}

/** A service and what it has; each word gives a new one. */
export interface ServiceGiven<S extends Service> {
  /** Rows of its tables. */
  tables(rows: RowsOf<DefinitionOf<S>['tables']>): ServiceGiven<S>
  /** States that its replicas have heard of; they come as events of their owners. */
  replicas(states: ReplicasOf<S>): ServiceGiven<S>
  /** Facts of one of its own streams. */
  facts<D extends Decider>(decider: D, stream: string, facts: readonly GivenFact<D>[]): ServiceGiven<S>
  /** Answers its lookups of a query of another service; `undefined` says that it is gone, a throw that the owner fails. */
  lookups<Q extends QueryContract>(
    query: Q,
    answer: (input: QueryInput<Q>) => QueryOutput<Q> | undefined | Promise<QueryOutput<Q> | undefined>,
  ): ServiceGiven<S>
  /** Performs an effect in place of the service's own function. Effects that are not given are requested, and never performed. */
  performs<E extends EffectContract>(effect: E, perform: GivenEffect<E>[1]): ServiceGiven<S>
  /** The time it is. Default: 2026-01-01T00:00:00Z. */
  at(time: Date): ServiceGiven<S>
  /** An event that it has heard before, and all that came of it. */
  heard<E extends EventContract>(
    event: E,
    data: EventInput<E> | Retracted,
    details?: Partial<OldEventDetails>,
  ): ServiceGiven<S>
  /**
   * Lets one thing happen: an event that its handlers and process managers hear, one handler alone, a command at its door, a query, an
   * effect that it performs.
   */
  when<X extends Subject>(subject: X, input: InputOfSubject<X>, options?: OptionsOfSubject<X>): OutcomeOfSubject<S, X>
  /** Lets time pass; what is due meanwhile happens at its time. */
  whenTimePasses(duration: Duration): HandlerOutcome<S>
}

/** What has been expected: await it, or let something else happen. */
export interface GoOn<S extends Service> extends Promise<void> {
  /** Lets the next thing happen; what is expected is what came of that. */
  when<X extends Subject>(subject: X, input: InputOfSubject<X>, options?: OptionsOfSubject<X>): OutcomeOfSubject<S, X>
  /** Lets time pass; what is due meanwhile happens at its time. */
  whenTimePasses(duration: Duration): HandlerOutcome<S>
}

/** What can be expected of handlers, of an effect, and of time that passes. */
export interface HandlerOutcome<S extends Service> {
  /** Expects that all went well, and what came of it. */
  then<
    const P extends readonly EventContract[] = readonly [],
    const C extends readonly CommandContract[] = readonly [],
    const D extends readonly Decider[] = readonly [],
    const R extends readonly EffectContract[] = readonly [],
    const M extends readonly ProcessDeclaration[] = readonly [],
  >(expected: Expectation<S, P, C, D, R, M>): GoOn<S>
  /** Expects that all went well, and nothing came of it. */
  thenNothing(): GoOn<S>
  /** Expects that it failed: by a code of the registry, a part of the message, or a pattern of it. */
  thenFails(error: ExpectedError): GoOn<S>
}

/** What can be expected of a command. */
export interface CommandOutcome<S extends Service, X extends CommandContract> {
  /** Expects that it was accepted, and what came of it. */
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
  ): GoOn<S>
  /** Expects that it was accepted, and nothing came of it. */
  thenNothing(): GoOn<S>
  /** Expects the domain's "no" with this code (and details, where given), and that nothing came of it. */
  thenRejected(code: string, details?: Readonly<Record<string, unknown>>): GoOn<S>
  /** Expects that it failed: by a code of the registry, a part of the message, or a pattern of it. */
  thenFails(error: ExpectedError): GoOn<S>
}

/** What can be expected of a query. */
export interface QueryOutcome<Q extends QueryContract> {
  /** Expects this answer. */
  thenAnswers(answer: QueryOutput<Q>): Promise<void>
  /** Expects that what is asked for is gone, or never was. */
  thenGone(): Promise<void>
  /** Expects that it failed: by a code of the registry, a part of the message, or a pattern of it. */
  thenFails(error: ExpectedError): Promise<void>
}

interface Setup extends Omit<Circumstances, 'lookups'> {
  readonly answers: ReadonlyMap<string, { readonly query: QueryContract; answer(input: never): unknown }>
  /** What has happened, and was expected, so far. */
  readonly chapters: readonly Chapter[]
}

/** Starts the chain for a service. */
export function givenService<S extends Service>(service: S): ServiceGiven<S> {
  const nothing = { at: undefined, rows: {}, events: [], streams: [], effects: [], chapters: [] }
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
      const decided = facts.map((given) => plainFact(decider, given as DecidedFact))
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
    heard: (event, data, details = {}) => {
      const happening: Happening = { kind: 'event', event: { contract: event, data, details }, only: undefined }
      const subject = `${nameOf(setup, happening)}, heard before,`
      const chapter: Chapter = { happening, check: (found) => expectNoError(subject, found) }
      return chain({ ...setup, chapters: [...setup.chapters, chapter] })
    },
    ...moves(setup),
  }
}

/** What can happen next. */
function moves<S extends Service>(setup: Setup): Pick<ServiceGiven<S>, 'when' | 'whenTimePasses'> {
  return {
    when: (subject, input, options) => outcomeOf(setup, happeningOf(setup, subject, input, options ?? {})) as never,
    whenTimePasses: (duration) => outcomeOf(setup, { kind: 'time', ms: durationMs(duration) }) as never,
  }
}

function checkNames(service: Service, kind: string, names: readonly string[], given: object): void {
  const unknown = Object.keys(given).find((name) => !names.includes(name))
  if (unknown === undefined) return
  throw new TidingsError('NOT_DECLARED', `Service ${service.name} has no ${kind} ${JSON.stringify(unknown)}.`, {
    details: { names },
  })
}

function happeningOf(setup: Setup, subject: Subject, input: unknown, options: object): Happening {
  if (subject.kind === 'command') return { kind: 'command', command: subject, input, options }
  if (subject.kind === 'query') return { kind: 'query', query: subject, input, options }
  if (subject.kind === 'effect') {
    if (setup.effects.some(([{ name }]) => name === subject.name)) return { kind: 'effect', effect: subject, input }
    throw new TidingsError('NOT_DECLARED', `The test does not say what comes of the effect ${subject.name}.`, {
      hint: 'Say .performs(effect, (input) => …) before .when(effect, …).',
    })
  }
  const contract = subject.kind === 'handler' ? subject.event : subject
  const only = subject.kind === 'handler' ? subject.run : undefined
  return { kind: 'event', event: { contract, data: input, details: options }, only }
}

function outcomeOf<S extends Service>(setup: Setup, happening: Happening) {
  const { service } = setup
  const subject = nameOf(setup, happening)
  const expect = (check: Chapter['check']): GoOn<S> =>
    goOn({ ...setup, chapters: [...setup.chapters, { happening, check }] })
  const expectAccepted = (check: Chapter['check']) =>
    expect((found) => {
      expectNoError(subject, found)
      const { rejection } = (found.answer ?? {}) as { rejection?: unknown }
      if (happening.kind === 'command' && isRejection(rejection)) {
        throw new ExpectationFailed(
          `${subject} was rejected (${rejection.code}: ${rejection.message}), and the test expects it to be accepted.`,
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
    ): GoOn<S> => {
      if (refuseAwait(expected, onRejected)) return undefined as never
      return expectAccepted((found) => {
        if ('output' in expected) {
          const { output } = found.answer as Extract<CommandResult, { accepted: true }>
          expectSame(`${subject} answered something else.`, expected.output, output)
        }
        return expectConsequences(subject, service, expected, found)
      })
    },
    thenNothing: () => expectAccepted((found) => expectNothing(subject, found)),
    thenRejected: (code: string, details?: Readonly<Record<string, unknown>>) =>
      expect((found) => expectRejected(subject, found, code, details)),
    thenFails: (error: ExpectedError) => expect((found) => expectError(subject, error, found)),
    thenAnswers: (answer: unknown) =>
      expectAccepted((found) => expectSame(`${subject} answered something else.`, answer, found.answer)),
    thenGone: () =>
      expectAccepted((found) =>
        expectSame(`${subject} answered, and the test expects it to be gone.`, undefined, found.answer),
      ),
  }
}

// The story runs by itself, unless something else is to happen in it: then that runs all of it.
function goOn<S extends Service>(setup: Setup): GoOn<S> {
  let goesOn = false
  const told = Promise.resolve().then(() =>
    goesOn ? undefined : playStory({ ...setup, lookups: lookupsOf(setup) }, setup.chapters),
  )
  const { when, whenTimePasses } = moves<S>(setup)
  return Object.assign(told, {
    when: ((...next) => {
      goesOn = true
      return when(...next)
    }) as typeof when,
    whenTimePasses: ((...next) => {
      goesOn = true
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
    throw new ExpectationFailed(`${subject} was accepted, and the test expects the rejection ${code}.`, {
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
        const message = `The test answers no lookup of ${request.query} at ${request.service}; say .lookups(…).`
        throw new TidingsError('UNKNOWN_QUERY', message)
      }
      const what = `The input of query ${request.query}`
      const output = await known.answer(validate(what, known.query.input, JSON.parse(request.input)) as never)
      if (output === undefined) return { found: false }
      return { found: true, output: toJson(`The answer of query ${request.query}`, output) }
    },
  }
}
