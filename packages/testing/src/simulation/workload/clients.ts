// Who sends the commands: clients that wait for the answer, and try again under the same idempotency key until they get one.

import { isTidingsError, type Rejection, retryOf } from 'tidings'
import type { Action } from '../schedule/schedule.ts'
import type { Stage } from '../system/simulated-system.ts'

/** What became of a command. */
export interface CommandAccount {
  readonly number: number
  readonly service: string
  readonly command: string
  /** The conversation that all it led to belongs to. */
  readonly correlationId: string
  /** How it ended; `open` where no answer came. */
  outcome: 'accepted' | 'rejected' | 'refused' | 'open'
  commandId: string | undefined
  rejection: Rejection | undefined
  /** What the door threw, where it refused. */
  error: string | undefined
  /** Whether the command's own function threw it: not an error of Tidings, or one that is a mistake in Tidings. */
  threw: boolean
}

type CommandAction = Extract<Action, { kind: 'command' }>

/** The clients of a system. */
export class Clients {
  readonly accounts: CommandAccount[] = []
  readonly #stage: Stage
  readonly #lanes = new Map<string, Promise<void>>()

  constructor(stage: Stage) {
    this.#stage = stage
  }

  /** Sends a command as soon as the earlier ones of its lane are answered. */
  send(action: CommandAction): void {
    const { step, number } = action
    const account: CommandAccount = {
      number,
      service: step.service,
      command: step.command,
      correlationId: `sim-${number}`,
      outcome: 'open',
      commandId: undefined,
      rejection: undefined,
      error: undefined,
      threw: false,
    }
    this.accounts.push(account)
    const lane = step.lane ?? this.#laneOf(action)
    const before = this.#lanes.get(lane) ?? Promise.resolve()
    this.#lanes.set(
      lane,
      before.then(() => this.#sendUntilAnswered(action, account)),
    )
  }

  /** Resolves when every client has its answer. */
  async answered(): Promise<void> {
    await Promise.all(this.#lanes.values())
  }

  #laneOf({ step }: CommandAction): string {
    const service = this.#stage.services.get(step.service)
    const contracts = [
      ...(service?.commands.map(({ command }) => command) ?? []),
      ...(service?.deciders.flatMap(({ decider }) => Object.values(decider.commands)) ?? []),
    ]
    const contract = contracts.find(({ name }) => name === step.command)
    try {
      return `${step.service}/${contract?.keyOf(step.input) ?? step.command}`
    } catch {
      return `${step.service}/${step.command}`
    }
  }

  async #sendUntilAnswered(action: CommandAction, account: CommandAccount): Promise<void> {
    let left = action.again ? 2 : 1
    for (let attempt = 1; left > 0; attempt++) {
      try {
        await this.#send(action, account)
        if (--left > 0) this.#stage.strike(action, account.service, `gets ${account.command} again`, 'redelivery')
      } catch (error) {
        if (!isWorthAnotherTry(error)) {
          account.outcome = 'refused'
          account.error = error instanceof Error ? error.message : String(error)
          account.threw = !isTidingsError(error) || error.code === 'INVARIANT'
          return
        }
        await this.#stage.pause(Math.min(retryMsMax, retryMs * attempt))
      }
    }
  }

  async #send({ step }: CommandAction, account: CommandAccount): Promise<void> {
    const { runtime, life } = this.#stage.runs.of(step.service)
    const answer = await life.outlive(
      runtime.command(step.command, step.input, {
        idempotencyKey: account.correlationId,
        correlationId: account.correlationId,
        ...(step.occurredAt === undefined ? {} : { occurredAt: new Date(step.occurredAt) }),
        ...(step.principal === undefined ? {} : { principal: step.principal }),
      }),
    )
    account.commandId = answer.commandId
    account.outcome = answer.accepted ? 'accepted' : 'rejected'
    account.rejection = answer.accepted ? undefined : answer.rejection
  }
}

const retryMs = 150
const retryMsMax = 5_000

// A service that is down, closing, out of space or busy answers later; a simulated failure of the command's own function too.
function isWorthAnotherTry(error: unknown): boolean {
  if (!isTidingsError(error)) return error instanceof Error && error.message.endsWith('(simulated)')
  return ['CLOSED', 'UNKNOWN_SERVICE', 'CONFLICT'].includes(error.code) || retryOf(error) === 'unavailable'
}
