// given(decider, facts).when(command, input).then(facts): a decider alone. Nothing runs but its own pure functions.
// Invariant: input and facts are validated, serialised and parsed, as in the runtime.

import {
  type CommandContract,
  type CommandInput,
  type DecidedAnswer,
  type DecidedFact,
  type Decider,
  type DeciderTypes,
  type Decision,
  type FactMeta,
  isRejection,
  type PrincipalInput,
  type Rejection,
  reject,
  type StateOf,
  TidingsError,
} from 'tidings'
import { callerOf, rejectionOrThrow, validate } from 'tidings/contracts'
import { createSequentialIds } from 'tidings/memory'
import { decidedAnswer, factsIn, isDecidedAnswer } from 'tidings/runtime'
import { ExpectationFailed, expectSame, showValue } from '../expectations/index.ts'
import {
  comparableFacts,
  type ExpectedFact,
  evolveAll,
  type GivenFact,
  type PlainFact,
  plainFact,
} from './given-fact.ts'
import { type AwaitHook, refuseAwait } from './refuse-await.ts'

type CommandsOf<D extends Decider> = NonNullable<D['~types']>['commands']

/** What you can set for a command besides its input. */
export interface DecideOptions {
  /** The business time of the command. Default: one second after the last given fact. */
  readonly occurredAt?: Date
  /** Who sends it: an id, or an id with tenant, roles and claims. Default: nobody. */
  readonly principal?: PrincipalInput
}

/** A decider with a history. */
export interface DeciderGiven<D extends Decider> {
  /** Runs a command of the decider, by its name in `commands`; throws `INVALID_PAYLOAD` if the input is invalid. */
  when<Name extends keyof CommandsOf<D> & string>(
    command: Name,
    input: CommandInput<Extract<CommandsOf<D>[Name], CommandContract>>,
    options?: DecideOptions,
  ): DeciderOutcome<D>
  /** The state that the given facts lead to. */
  thenState(state: StateOf<D>): void
}

/** The result of a decision. */
export interface DeciderOutcome<D extends Decider> {
  /** Expects exactly these facts, in this order. */
  then(facts: readonly ExpectedFact<D>[]): DeciderFollowUp<D>
  /** Expects no facts and no rejection. */
  thenNothing(): void
  /** Expects a rejection with this code (and these details, if given). */
  thenRejected(code: string, details?: Readonly<Record<string, unknown>>): void
  /** Expects this answer, from a command that has an output. Ids are `id-000000000001`, `id-000000000002`, … */
  thenAnswers(output: unknown): void
  /** Expects this state after the decided facts. */
  thenState(state: StateOf<D>): void
}

/** What else can be expected after the decided facts. */
export interface DeciderFollowUp<D extends Decider> {
  /** Expects this state after them. */
  andState(state: StateOf<D>): void
}

const startMs = Date.UTC(2026, 0, 1)

/** Starts the chain for a decider. */
export function givenDecider<D extends Decider>(decider: D, facts: readonly GivenFact<D>[]): DeciderGiven<D> {
  let clock = startMs
  const ids = createSequentialIds()
  const history = facts.map((given): PlainFact => {
    const fact = plainFact(decider, given as DecidedFact)
    clock = fact.details.occurredAt?.getTime() ?? clock + 1_000
    return { ...fact, details: { ...fact.details, occurredAt: new Date(clock) } }
  })
  const stateOn = (stream: string) => evolveAll(decider, decider.initialState(), history, metaOn(stream, 0))
  return {
    when: (name, input, options = {}) => {
      const command = commandOf(decider, name)
      const data = validate(`Command ${command.name}`, command.input, input)
      const stream = command.keyOf(data)
      const before = stateOn(stream)
      const occurredAt = options.occurredAt ?? new Date(clock + 1_000)
      const caller = callerOf(`command ${command.name}`, options.principal)
      const newId = () => ids.next()
      const tools = { facts: decider.make, answer: decidedAnswer, newId, reject, occurredAt, principal: caller }
      const decision = decide(() => decider.decide[name]?.(data as never, before as never, tools as never))
      if (isRejection(decision)) return outcome(decider, name, { facts: [], rejection: decision, state: before })
      const answer = isDecidedAnswer(decision) ? decision.output : undefined
      const what = `The answer of command ${command.name}`
      const output = command.output === undefined ? undefined : validate(what, command.output, answer)
      const decided = factsIn(decision).map((fact): PlainFact => {
        const details = { occurredAt, ...(caller === null ? {} : { principal: caller.id, tenant: caller.tenant }) }
        return { ...plainFact(decider, fact), details }
      })
      const after = evolveAll(decider, before, decided, metaOn(stream, history.length))
      return outcome(decider, name, { facts: decided, rejection: undefined, state: after, output })
    },
    thenState: (state) =>
      expectSame(`${decider.name}: the given facts lead to another state.`, state, stateOn('a-stream')),
  }
}

// A decider rejects by throwing as it does by returning.
function decide(run: () => Decision | DecidedAnswer): Decision | DecidedAnswer {
  try {
    return run()
  } catch (thrown) {
    return rejectionOrThrow(thrown)
  }
}

function commandOf(decider: Decider, name: string): CommandContract {
  const commands: DeciderTypes['commands'] = decider.commands
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command !== undefined) return command
  throw new TidingsError('UNKNOWN_COMMAND', `Decider ${decider.name} has no command ${JSON.stringify(name)}.`, {
    details: { commands: Object.keys(commands) },
  })
}

function metaOn(stream: string, versionBefore: number): (fact: PlainFact, index: number) => FactMeta {
  return ({ type, details }, index) => ({
    type,
    stream,
    streamVersion: versionBefore + index + 1,
    occurredAt: details.occurredAt ?? new Date(startMs),
    recordedAt: details.occurredAt ?? new Date(startMs),
    correlationId: 'a-conversation',
    causationId: 'a-command',
    principal: details.principal ?? null,
    tenant: details.tenant ?? null,
  })
}

interface Decided {
  readonly facts: readonly PlainFact[]
  readonly rejection: Rejection | undefined
  readonly state: unknown
  readonly output?: unknown
}

function outcome<D extends Decider>(
  decider: D,
  command: string,
  { facts, rejection, state, output }: Decided,
): DeciderOutcome<D> {
  const refused = (what: string) =>
    new ExpectationFailed(
      `${command} was rejected (${rejection?.code}: ${rejection?.message}), but the test expects ${what}.`,
      { found: rejection },
    )
  const expectFacts = (expected: readonly unknown[]) =>
    expectSame(
      `${command} led to other facts of ${decider.name} than expected.`,
      comparableFacts(decider, expected),
      facts.map(({ type, data }) => [type, data]),
    )
  const thenState = (expected: StateOf<D>) => {
    if (rejection !== undefined) throw refused('a state')
    expectSame(`${command} led to another state of ${decider.name} than expected.`, expected, state)
  }
  return {
    // biome-ignore lint/suspicious/noThenProperty: given, when, then; refuseAwait answers an `await` with a sentence
    then: (expected: readonly ExpectedFact<D>[] | AwaitHook, onRejected?: AwaitHook) => {
      if (refuseAwait(expected, onRejected)) return { andState: thenState }
      if (rejection !== undefined) throw refused(expected.length === 0 ? 'no facts' : 'facts')
      expectFacts(expected)
      return { andState: thenState }
    },
    thenNothing: () => {
      if (rejection !== undefined) throw refused('nothing to happen')
      expectFacts([])
    },
    thenRejected: (code, details) => {
      if (rejection === undefined) {
        throw new ExpectationFailed(
          `${command} was accepted, but the test expects the rejection ${code}.\n\nIt led to ${showValue(facts.map(({ type, data }) => [type, data]))}`,
          { expected: code, found: facts },
        )
      }
      const wanted = details === undefined ? { code } : { code, details }
      const found =
        details === undefined ? { code: rejection.code } : { code: rejection.code, details: rejection.details }
      expectSame(`${command} was rejected for another reason (${rejection.message})`, wanted, found)
    },
    thenAnswers: (expected) => {
      if (rejection !== undefined) throw refused('an answer')
      expectSame(`${command} gave another answer than expected.`, expected, output)
    },
    thenState,
  }
}
