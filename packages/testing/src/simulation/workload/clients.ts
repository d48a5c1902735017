// The clients that send a workload's commands. Each waits for its answer, and retries under the same idempotency key until it gets one.

import { isTidingsError, type Rejection } from 'tidings'
import { messageOfThrown, retryOf } from 'tidings/errors'
import { commandsOf } from 'tidings/operations'
import type { SimulatedSystem } from '../system/simulated-system.ts'
import type { CommandStep } from './workload-step.ts'

/** A command of a schedule. */
export interface ScheduledCommand {
  readonly step: CommandStep
  /** Unique within a schedule; the idempotency key and the conversation follow from it. */
  readonly number: number
  /** Whether it is sent again after it was answered, as by a client that lost the answer. */
  readonly again: boolean
}

/** What became of a command. */
export interface CommandAccount {
  readonly number: number
  readonly service: string
  readonly command: string
  /** The conversation of everything that it caused. */
  readonly correlationId: string
  /** How it ended: accepted or rejected by its function, refused with an error, or still `open` without an answer. */
  outcome: 'accepted' | 'rejected' | 'refused' | 'open'
  commandId: string | undefined
  rejection: Rejection | undefined
  /** The message of the error, if it was refused. */
  error: string | undefined
  /** Whether the error came from the command's own function: this is true if it is not an error of Tidings, or is a bug in Tidings. */
  threw: boolean
}

/** The clients of a system. */
export class Clients {
  readonly accounts: CommandAccount[] = []
  readonly #system: SimulatedSystem
  readonly #sequences = new Map<string, Promise<void>>()

  constructor(system: SimulatedSystem) {
    this.#system = system
  }

  /** Sends a command as soon as the earlier ones of its sequence are answered. */
  send(command: ScheduledCommand): void {
    const { step, number } = command
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
    const sequence = step.sequence ?? this.#sequenceOf(step)
    const before = this.#sequences.get(sequence) ?? Promise.resolve()
    this.#sequences.set(
      sequence,
      before.then(() => this.#sendUntilAnswered(command, account)),
    )
  }

  /** Resolves when every client has its answer. */
  async answered(): Promise<void> {
    await Promise.all(this.#sequences.values())
  }

  #sequenceOf(step: CommandStep): string {
    const service = this.#system.services.get(step.service)
    const contract = service && commandsOf(service).find(({ name }) => name === step.command)
    try {
      return `${step.service}/${contract?.keyOf(step.input) ?? step.command}`
    } catch {
      return `${step.service}/${step.command}`
    }
  }

  async #sendUntilAnswered(command: ScheduledCommand, account: CommandAccount): Promise<void> {
    let left = command.again ? 2 : 1
    for (let attempt = 1; left > 0; attempt++) {
      try {
        await this.#send(command.step, account)
        if (--left > 0) this.#system.noteFault(command, account.service, `gets ${account.command} again`, 'redelivery')
      } catch (error) {
        if (!isRetried(error)) {
          account.outcome = 'refused'
          account.error = messageOfThrown(error)
          account.threw = !isTidingsError(error) || error.code === 'INVARIANT'
          return
        }
        await this.#system.pause(Math.min(retryMsMax, retryMs * attempt))
      }
    }
  }

  async #send(step: CommandStep, account: CommandAccount): Promise<void> {
    const { runtime, lifetime } = this.#system.runs.reach(step.service)
    const sent = lifetime.unlessKilled(
      runtime.command(step.command, step.input, {
        idempotencyKey: account.correlationId,
        correlationId: account.correlationId,
        ...(step.occurredAt === undefined ? {} : { occurredAt: new Date(step.occurredAt) }),
        ...(step.principal === undefined ? {} : { principal: step.principal }),
      }),
    )
    const answer = await (this.#system.several ? this.#inTime(sent) : sent)
    account.commandId = answer.commandId
    account.outcome = answer.accepted ? 'accepted' : 'rejected'
    account.rejection = answer.accepted ? undefined : answer.rejection
  }

  // Another instance may answer sooner than one that stands still.
  #inTime<T>(sent: Promise<T>): Promise<T> {
    const tooLate = this.#system.pause(patienceMs).then(() => {
      throw new Error('There was no answer in time (simulated)')
    })
    tooLate.catch(() => {})
    return Promise.race([sent, tooLate])
  }
}

const retryMs = 150
const retryMsMax = 5_000
/** How long a client waits for an answer if other instances may answer too. */
const patienceMs = 20_000

// A service that is down, closing, out of space or busy answers later. So does a command whose function fails by a simulated fault.
function isRetried(error: unknown): boolean {
  if (!isTidingsError(error)) return messageOfThrown(error).endsWith('(simulated)')
  return ['CLOSED', 'UNKNOWN_SERVICE', 'CONFLICT'].includes(error.code) || retryOf(error) === 'unavailable'
}
