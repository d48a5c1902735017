// The answers of commands with an idempotency key. A key belongs to one command and one principal of one tenant: nobody gets another's answer.
// A repetition must send what was sent first. Invariant: an answer is kept in the commit of what its command did, or not at all.

import {
  checkKey,
  isRejection,
  type PayloadLimits,
  type PrincipalInput,
  type Rejection,
  toJson,
} from '../../contracts/index.ts'
import { TidingsError } from '../../errors/index.ts'
import type { ServiceCore } from '../core/service-core.ts'
import { faultOf } from '../failures/own-fault.ts'
import { fingerprint } from '../unit-of-work/fingerprint.ts'
import { systemTables } from '../unit-of-work/system-tables.ts'
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts'
import { sentText } from './sent-text.ts'

/** What a command answered. */
export interface KeptAnswer {
  readonly commandId: string
  readonly output?: unknown
  readonly rejection?: Pick<Rejection, 'code' | 'message' | 'details'>
}

interface KeptRow extends KeptAnswer {
  /** The fingerprint of what was sent. */
  readonly sent: string
  /** When it was kept, in milliseconds since 1970. */
  readonly at: number
}

/** How a build before layout 2 kept it: under the key alone, with the fingerprint of the parsed input. */
interface EarlierRow extends KeptAnswer {
  readonly command: string
  readonly input: string
}

/** A command that was sent with an idempotency key. */
export interface KeyedCommand {
  readonly command: string
  readonly principal: Exclude<PrincipalInput, string> | null
  readonly idempotencyKey: string
  readonly sent: unknown
  /** The input as the schema parses it, as JSON text: what earlier builds compared. */
  readonly parsedText: () => string
}

/** The place for the answer to one command. */
export class AnswerPlace {
  readonly #core: ServiceCore
  readonly #keyed: KeyedCommand
  readonly #key: string
  readonly #sent: string

  constructor(core: ServiceCore, keyed: KeyedCommand) {
    const { command, principal, idempotencyKey } = keyed
    checkKey('the idempotency key', idempotencyKey)
    this.#core = core
    this.#keyed = keyed
    this.#key = JSON.stringify([command, principal?.tenant ?? null, principal?.id ?? null, idempotencyKey])
    this.#sent = fingerprint(sentText(`Command ${command}`, keyed.sent))
  }

  /** The answer that is kept; `undefined` if there is none. Throws `IDEMPOTENCY_KEY_REUSED` if something else was sent with the key. */
  async find(unit: UnitOfWork): Promise<KeptAnswer | undefined> {
    const row = await unit.get(systemTables.answers, this.#key)
    if (row === undefined) return this.#core.hasEarlierAnswers ? this.#findEarlier(unit) : undefined
    const kept = JSON.parse(row.json) as KeptRow
    if (kept.sent !== this.#sent) throw this.#reused('another input', this.#keyed.command)
    return kept
  }

  /** Keeps an answer with what a unit of work writes. */
  keep(unit: UnitOfWork, commandId: string, answer: unknown): void {
    const { clock } = this.#core.environment
    const row: KeptRow = { sent: this.#sent, at: clock.now(), commandId, ...outcomeOf(answer) }
    const { payloadBytesMax, payloadDepthMax } = this.#core.service.limits
    // The output has the limits of a payload; what is kept around it comes on top.
    const limits = { payloadBytesMax: payloadBytesMax + rowBytesMax, payloadDepthMax: payloadDepthMax + 2 }
    unit.put(systemTables.answers, this.#key, { schemaVersion: 1, json: this.#textOf(row, limits), columns: [row.at] })
  }

  // The details of a rejection are the service's own, so it is the service's bug if they are no JSON or too large.
  #textOf(row: KeptRow, limits: PayloadLimits): string {
    const { command } = this.#keyed
    try {
      return toJson(`The answer of command ${command}`, row, limits)
    } catch (error) {
      throw faultOf(`Command ${command}`, error)
    }
  }

  /** Lets a unit commit only if no answer is kept. */
  checkAbsent(unit: UnitOfWork): void {
    unit.check({ table: systemTables.answers, key: this.#key, revision: 0 })
  }

  async #findEarlier(unit: UnitOfWork): Promise<KeptAnswer | undefined> {
    const row = await unit.get(systemTables.commands, this.#keyed.idempotencyKey)
    if (row === undefined) return undefined
    const kept = JSON.parse(row.json) as EarlierRow
    if (kept.command !== this.#keyed.command) throw this.#reused(`command ${kept.command}`, kept.command)
    if (kept.input !== fingerprint(this.#keyed.parsedText())) throw this.#reused('another input', kept.command)
    return kept
  }

  #reused(what: string, command: string): TidingsError {
    return new TidingsError('IDEMPOTENCY_KEY_REUSED', `The idempotency key was used before for ${what}.`, {
      details: { service: this.#core.service.name, command },
    })
  }
}

/** The most bytes that are kept with an answer besides the answer itself. */
const rowBytesMax = 4_096

function outcomeOf(answer: unknown): Partial<KeptAnswer> {
  if (!isRejection(answer)) return answer === undefined ? {} : { output: answer }
  return { rejection: { code: answer.code, message: answer.message, details: answer.details } }
}
