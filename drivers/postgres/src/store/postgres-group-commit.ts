// Commits that are called at the same time share one statement and one flush to the disk. While a group is under way, the next one gathers.
// Invariant: whatever happens to one unit, each other unit of the group has its own outcome. A group whose answer was lost is found out and not repeated: the
// database keeps what each group was answered, and whoever reads that raises the run's generation under the turn, so the lost statement cannot commit later.

import { TidingsError } from 'tidings'
import { invariant } from 'tidings/errors'
import type { CommitResult, CommitUnit, Environment } from 'tidings/ports'
import { type Backoff, pauseAfter } from '../database/postgres-backoff.ts'
import { commitParameters, revisionsPerGroup } from '../database/postgres-commit-function.ts'
import type { Answer, PostgresConnection } from '../database/postgres-connection.ts'
import type { PostgresConnections } from '../database/postgres-connections.ts'
import { isEpochEnded } from '../database/postgres-epochs.ts'
import { isLostAnswer, sqlState, sqlStateOf, toTidingsError } from '../database/postgres-errors.ts'
import type { StorePlace } from '../database/postgres-schema.ts'
import { type Catalogue, isOutdated, type PostgresTable } from './postgres-catalogue.ts'
import { Group, type GroupAnswer } from './postgres-group.ts'
import { takeGroup, touchesOf, type Waiting } from './postgres-queue.ts'

/** What a group commit needs. */
export interface GroupCommitOptions {
  readonly connections: PostgresConnections
  readonly place: StorePlace
  readonly catalogue: Catalogue
  readonly environment: Pick<Environment, 'clock' | 'random' | 'timeouts'>
  /** Whether a commit is on the disk before it is answered. */
  readonly isFlushed: boolean
  /** The name of this run of the store; no other writer has it. */
  readonly run: string
  /** The epoch of the store: if it begins another one, nothing is committed any more. */
  readonly epoch: string
  /** The most units of one statement. */
  readonly groupUnitsMax: number
  /** The most characters of documents in one statement, save for a unit that has more. */
  readonly groupBytesMax: number
  /** How long to find out what became of a group whose answer was lost. */
  readonly lostAnswerMs: number
  /** Called when a group was committed, before its callers have their results. */
  readonly committed: (results: readonly CommitResult[], units: readonly CommitUnit[], number: number) => void
}

/** How often a group is sent again because a table has changed meanwhile. */
const reloadsMax = 20
/** The pauses between attempts to reach a database that has ended a connection. */
const backoff: Backoff = { leastMs: 20, mostMs: 1_000 }

/** Commits units of work in groups. */
export class GroupCommit {
  readonly #options: GroupCommitOptions
  readonly #commitText: string
  readonly #findOutText: string
  readonly #queue: Waiting[] = []
  #running: Promise<void> | undefined
  #number = 0
  /** The generation of this run; `undefined` until the database has said it, and after it could not be found out. */
  #generation: number | undefined

  constructor(options: GroupCommitOptions) {
    this.#options = options
    const parameters = commitParameters.map((_, index) => `$${index + 1}`).join(', ')
    const columns = 'revision, events_head, facts_head, conflicts'
    this.#commitText = `SELECT ${columns} FROM ${options.place.in('tidings_commit')}(${parameters})`
    this.#findOutText = `SELECT ${columns}, generation FROM ${options.place.in('tidings_find_out')}($1, $2, $3)`
  }

  /** Commits a unit with the next group. */
  async commit(unit: CommitUnit): Promise<CommitResult> {
    checkAppends(unit)
    for (const table of tablesOf(unit))
      if (this.#options.catalogue.known(table) === undefined) await this.#options.catalogue.table(table)
    return new Promise((resolve, reject) => {
      this.#queue.push({ unit, resolve, reject, ...touchesOf(unit) })
      this.#running ??= this.#run()
    })
  }

  /** Resolves when no unit waits for its outcome. */
  async settled(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  // Those who have their answers may commit again at once: their next units come along with those that have waited.
  async #run(): Promise<void> {
    const { timeouts, groupUnitsMax, groupBytesMax } = { ...this.#options, ...this.#options.environment }
    const limits = { unitsMax: Math.min(groupUnitsMax, revisionsPerGroup), bytesMax: groupBytesMax }
    do {
      await new Promise<void>((resolve) => timeouts.soon(resolve))
      if (this.#queue.length > 0) await this.#settle(takeGroup(this.#queue, limits))
    } while (this.#queue.length > 0)
    this.#running = undefined
  }

  /** Gives each unit of a group its outcome. If the group fails because of one of them, each is committed by itself. */
  async #settle(group: readonly Waiting[]): Promise<void> {
    const units = group.map(({ unit }) => unit)
    try {
      const results = await this.#commit(units)
      this.#options.committed(results, units, this.#number)
      for (const [index, { resolve }] of group.entries()) resolve(results[index] as CommitResult)
    } catch (thrown) {
      const error = toTidingsError(thrown, `commit to the store of ${this.#options.place.service}`)
      if (group.length === 1 || error.retry === 'unavailable') for (const { reject } of group) reject(error)
      else for (const one of group) await this.#settle([one])
    }
  }

  async #commit(units: readonly CommitUnit[]): Promise<readonly CommitResult[]> {
    const { clock } = this.#options.environment
    let deadline: number | undefined
    for (let reloads = 0; ; ) {
      const group = new Group(units, (name) => this.#table(name))
      this.#number += 1
      try {
        this.#generation ??= (await this.#findOut(this.#number)).generation
        return group.results(await this.#send(group, this.#number, this.#generation))
      } catch (error) {
        if (isOutdated(error) && reloads < reloadsMax) {
          reloads += 1
          await this.#options.catalogue.reload()
          continue
        }
        const isTakenOver = sqlStateOf(error) === sqlState.runTakenOver
        if (!isTakenOver && !isLostAnswer(error)) throw error
        this.#generation = undefined
        deadline ??= clock.monotonicMs() + this.#options.lostAnswerMs
        const found = await this.#findOutUntil(deadline, error)
        if (found.answer !== undefined) return group.results(found.answer)
        // It was not committed, and never will be.
      }
    }
  }

  async #send(group: Group, number: number, generation: number): Promise<GroupAnswer> {
    const { connections, run, isFlushed } = this.#options
    const values = group.parameters({ run, number, generation, isFlushed })
    const send = (connection: PostgresConnection) => connection.query(this.#commitText, values)
    const answer = answerOf(await connections.borrow(send))
    if (answer === undefined) invariant(false, 'a commit has an answer')
    return answer
  }

  /** What became of the last group, once the database can be asked. */
  async #findOutUntil(deadline: number, lost: unknown) {
    const { clock, random, timeouts } = this.#options.environment
    for (let attempt = 0; ; attempt++) {
      try {
        const found = await this.#findOut(this.#number)
        this.#generation = found.generation
        return found
      } catch (error) {
        if (isEpochEnded(error)) throw error
        if (clock.monotonicMs() >= deadline) throw unknownOutcome(this.#options.place.service, lost, error)
      }
      const pauseMs = pauseAfter(attempt, backoff, random)
      await new Promise<void>((resolve) => timeouts.after(pauseMs, resolve, { keepsAlive: true }))
    }
  }

  async #findOut(number: number): Promise<{ readonly answer: GroupAnswer | undefined; readonly generation: number }> {
    const { connections, run, epoch } = this.#options
    const found = await connections.borrow((connection) => connection.query(this.#findOutText, [run, number, epoch]))
    return { answer: answerOf(found), generation: found.rows[0]?.[4] as number }
  }

  #table(name: string): PostgresTable {
    const table = this.#options.catalogue.known(name)
    if (table === undefined) invariant(false, `table ${name} was ensured before it is used`)
    return table
  }
}

function answerOf({ rows }: Answer): GroupAnswer | undefined {
  const [revision, eventsHead, factsHead, conflicts] = rows[0] ?? []
  if (typeof revision !== 'number') return undefined
  return {
    revision,
    eventsHead: eventsHead as number,
    factsHead: factsHead as number,
    conflicts: conflicts as string | null,
  }
}

function tablesOf({ checks, rows }: CommitUnit): Iterable<string> {
  return new Set([...checks, ...rows].map(({ table }) => table))
}

function checkAppends({ appends }: CommitUnit): void {
  if (appends.length < 2) return
  const streams = new Set(appends.map(({ category, stream }) => `${category}\n${stream}`))
  invariant(streams.size === appends.length, 'a unit of work appends to a stream once')
}

function unknownOutcome(service: string, lost: unknown, error: unknown): TidingsError {
  const said = lost instanceof Error ? lost.message : String(lost)
  return new TidingsError(
    'STORE_UNAVAILABLE',
    `The connection was lost while a commit to the store of ${service} was under way (${said}), and the database could not be asked whether it was committed.`,
    { cause: error },
  )
}
