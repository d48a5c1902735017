// Writes a data folder in which something of everything is kept: `node drivers/sqlite/test/at-rest/write-folder.ts DIRECTORY`.
// Invariant: time, ids and chance are passed in, so that the same code writes the same rows again.

import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type CommandContract, type CommandInput, TidingsError } from 'tidings'
import { createSequentialIds } from 'tidings/memory'
import type { Ids } from 'tidings/ports'
import type { HandleCommandOptions } from 'tidings/runtime'
import { sqliteBackups } from '../../src/backup/sqlite-backups.ts'
import {
  AddBook,
  AskLoan,
  CloseLoan,
  Notify,
  OpenLoan,
  PlanReminder,
  PlanSweep,
  RemoveBook,
  RenameBook,
  SendPage,
} from './contracts.ts'
import { type RunningSystem, runSystem } from './run-system.ts'
import { type Age, type Before, deskOf, libraryOf, pressOf } from './services.ts'
import { writeLab } from './write-lab.ts'

const startMs = Date.UTC(2026, 0, 1)
const hourMs = 3_600_000

/** When the folder is complete: whoever opens it begins here or later, in milliseconds since 1970. */
export const writtenUntilMs = startMs + 2 * hourMs

/** What callers of the library keep: the tokens of a command before it was restored from a backup, and of one after that. */
export interface Tokens {
  readonly beforeRestore: string
  readonly afterRestore: string
}

/** Makes functions fail, and one hang. */
class Trouble {
  /** What fails, and how often yet. */
  readonly failing = new Map<string, number>([
    ['lend l-3', 1],
    ['lend l-4', 3],
    ['thank l-2', 99],
    ['lend l-6', 99],
    ['remind soon (stern)', 99],
  ])
  hangsAt = ''
  #release = () => {}

  readonly before: Before = async (what) => {
    if (what === this.hangsAt)
      await new Promise<void>((resolve) => {
        this.#release = resolve
      })
    if (what.startsWith('perform n-refused'))
      throw new TidingsError('EFFECT_REFUSED', 'The notice n-refused has no address.')
    const left = what.startsWith('perform n-failing') ? 99 : (this.failing.get(what) ?? 0)
    this.failing.set(what, left - 1)
    if (left > 0) throw new Error(`no luck with ${what}`)
  }

  release(): void {
    this.hangsAt = ''
    this.#release()
  }
}

function send<C extends CommandContract>(
  run: RunningSystem,
  service: string,
  command: C,
  input: CommandInput<C>,
  options?: HandleCommandOptions,
) {
  return run.drive(run.system.service(service).command(command.name, input, options))
}

/** Small pages keep the folder small: every table has one at least. */
function prepareFile(directory: string, service: string): void {
  const database = new DatabaseSync(path.join(directory, `${service}.db`))
  database.exec('PRAGMA page_size = 1024; PRAGMA journal_mode = WAL')
  database.close()
}

/** Writes the folder, which must not exist; gives what callers keep. */
export async function writeFolder(directory: string): Promise<Tokens> {
  mkdirSync(directory)
  const ids = createSequentialIds()
  const stackTraceLimit = Error.stackTraceLimit
  // A stack is kept with what has failed, and would tell of the machine.
  Error.stackTraceLimit = 0
  const stage = mkdtempSync(path.join(tmpdir(), 'tidings-at-rest-'))
  try {
    for (const service of ['library', 'desk', 'press', 'lab']) prepareFile(stage, service)
    const trouble = new Trouble()
    const beforeRestore = await writeByEarlierCode(stage, ids, trouble)
    await restoreLibrary(stage, ids)
    const afterRestore = await writeByLaterCode(stage, ids, trouble)
    await dieAgainAndAgain(stage, directory, ids, trouble)
    // Whoever hears of the library has heard it under an earlier epoch.
    await restoreLibrary(directory, ids)
    await writeLab(stage, startMs + hourMs, ids)
    cpSync(path.join(stage, 'lab.db'), path.join(directory, 'lab.db'))
    return { beforeRestore, afterRestore }
  } finally {
    Error.stackTraceLimit = stackTraceLimit
    rmSync(stage, { recursive: true, force: true, maxRetries: 3 })
  }
}

const servicesOf = ({ before }: Trouble, age: Age) => [libraryOf(before, age), deskOf(before, age), pressOf(before)]

async function writeByEarlierCode(directory: string, ids: Ids, trouble: Trouble): Promise<string> {
  const run = await runSystem({ directory, services: servicesOf(trouble, 'earlier'), startMs, ids })
  await send(run, 'library', AddBook, { bookId: 'b-1', title: 'One' })
  await send(run, 'library', AddBook, { bookId: 'b-2', title: 'Two' })
  await send(run, 'library', AddBook, { bookId: 'b-3', title: 'Three' })
  await send(run, 'library', RenameBook, { bookId: 'b-1', title: 'Uno' })
  await send(run, 'library', RenameBook, { bookId: 'b-1', title: 'Eins' })
  await send(run, 'library', RenameBook, { bookId: 'b-7', title: 'None' }, { idempotencyKey: 'key-2' })
  await send(run, 'library', RemoveBook, { bookId: 'b-3' })
  for (const loanId of ['o-1', 'o-2', 'o-3']) await send(run, 'library', OpenLoan, { loanId })
  for (const loanId of ['o-2', 'o-3']) await send(run, 'library', CloseLoan, { loanId })
  await send(run, 'library', OpenLoan, { loanId: 'o-3' })
  await send(run, 'desk', PlanSweep, { cron: '0 6 * * *' })
  await send(run, 'desk', Notify, { notice: 'n-later', inMs: 48 * hourMs })
  await send(run, 'library', SendPage, { page: 'p-1' })
  const options = { idempotencyKey: 'key-1', principal: 'ann', correlationId: 'conversation-1' }
  await send(run, 'library', AskLoan, { loanId: 'l-1', bookId: 'b-1', reader: 'ann' }, options)
  await ask(run, 'l-2', 'b-1', 'bob')
  // Fails once, and has a record of two attempts.
  await ask(run, 'l-3', 'b-2', 'cid')
  // Is parked, with the next of its key behind it.
  await ask(run, 'l-4', 'b-2', 'dan')
  const { token } = await ask(run, 'l-5', 'b-2', 'dan')
  await run.advance(300_000)
  await run.close()
  return token
}

const ask = (run: RunningSystem, loanId: string, bookId: string, reader: string) =>
  send(run, 'library', AskLoan, { loanId, bookId, reader })

async function restoreLibrary(directory: string, ids: Ids): Promise<void> {
  const file = path.join(directory, 'library.backup')
  await sqliteBackups(directory).backUp({ service: 'library', toFile: file })
  await sqliteBackups(directory).restore({ service: 'library', fromFile: file, ids })
  for (const left of [file, path.join(directory, 'library.lock')]) rmSync(left)
}

async function writeByLaterCode(directory: string, ids: Ids, trouble: Trouble): Promise<string> {
  const services = [libraryOf(trouble.before, 'earlier'), deskOf(trouble.before, 'later'), pressOf(trouble.before)]
  const run = await runSystem({ directory, services, startMs: startMs + hourMs / 2, ids })
  await run.advance(0)
  await ask(run, 'l-6', 'b-1', 'eve')
  await ask(run, 'l-7', 'b-1', 'eve')
  // Waits for a row of its replica.
  await ask(run, 'l-8', 'b-9', 'fay')
  // Stands behind what a handler that was added later has still to do.
  await ask(run, 'l-9', 'b-1', 'bob')
  const { token } = await ask(run, 'l-10', 'b-2', 'gil')
  await send(run, 'desk', PlanReminder, { loanId: 'soon', inMs: 10_000 })
  await send(run, 'desk', Notify, { notice: 'n-refused', inMs: 0 })
  await send(run, 'desk', Notify, { notice: 'n-failing', inMs: 0 })
  await send(run, 'desk', Notify, { notice: 'n-done', inMs: 0 })
  await run.advance(20_000)
  trouble.hangsAt = 'by-reader l-4'
  const rebuild = run.system.service('desk').rebuild('by-reader')
  rebuild.catch(() => {})
  await run.advance(0)
  const closed = run.close()
  trouble.release()
  await closed
  return token
}

// A process that dies leaves what a copy of its open store shows at that moment.
async function dieAgainAndAgain(stage: string, directory: string, ids: Ids, trouble: Trouble): Promise<void> {
  const library = { services: [libraryOf(trouble.before, 'earlier')], startMs: startMs + hourMs / 2, ids }
  const run = await runSystem({ directory: stage, ...library })
  for (const page of ['p-2', 'p-3']) await send(run, 'library', SendPage, { page })
  await run.close()
  let from = stage
  for (let death = 0; death <= 2; death++) {
    const to = death === 2 ? directory : path.join(stage, `death-${death}`)
    if (to !== directory) mkdirSync(to)
    for (const service of ['library', 'desk']) cpSync(path.join(from, `${service}.db`), path.join(to, `${service}.db`))
    trouble.hangsAt = 'print p-2'
    const startedMs = startMs + hourMs
    const dying = await runSystem({ directory: from, services: [pressOf(trouble.before)], startMs: startedMs, ids })
    await dying.advance(0)
    await sqliteBackups(from).backUp({ service: 'press', toFile: path.join(to, 'press.db') })
    trouble.release()
    await dying.close()
    from = to
  }
  prepareFile(directory, 'press')
}

if (process.argv[1] === import.meta.filename) await writeFolder(path.resolve(process.argv[2] ?? 'at-rest-folder'))
