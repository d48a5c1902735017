// Three services that leave something of everything in their stores: the library publishes and keeps streams; the desk hears, retries, waits,
// plans and performs; the press dies. Invariant: each function calls `before` first, so that a writer can make it fail or hang, and a test
// can count.

import { defineService, defineTable, fact, replicaOf, type Service, timer } from 'tidings'
import { z } from 'zod'
import {
  AskLoan,
  Book,
  CloseLoan,
  earlier,
  LoanClosed,
  LoanOpened,
  Loans,
  later,
  NoticeSent,
  Notify,
  OpenLoan,
  PageSent,
  PlanReminder,
  PlanSweep,
  RemoveBook,
  SendPage,
  Shelves,
  Titles,
} from './contracts.ts'

/** Called before each function of a service does anything: `lend l-1`. */
export type Before = (what: string) => void | Promise<void>

/** Which code runs: the one that wrote the folder first, or the one that has more versions and handlers. */
export type Age = 'earlier' | 'later'

const limits = {
  pollMs: 600_000,
  attemptsMax: 3,
  retryDelayMs: 60_000,
  retryDelayMsMax: 600_000,
  waitMsMax: 2_000_000_000,
  rebuildBatchCountMax: 1,
  crashesMax: 2,
}

const titles = defineTable('titles')
  .version(1, z.object({ bookId: z.string(), title: z.string() }))
  .key(({ bookId }) => bookId)
const shelves = defineTable('shelves')
  .version(1, z.object({ shelf: z.string(), count: z.number() }))
  .key(({ shelf }) => shelf)

/** Publishes; keeps streams, snapshots, an inline and an asynchronous projection, and the answers of its commands. */
export function libraryOf(before: Before, age: Age): Service {
  const { book, BookChanged, LoanAsked } = age === 'earlier' ? earlier : later
  const library = defineService('library', {
    publishes: [BookChanged, LoanAsked, LoanOpened, LoanClosed, PageSent],
    readModels: { titles, shelves },
    limits,
  })
  return library.with({
    books: library.decider(book, {
      publishes: [BookChanged],
      announce: {
        added: (_added, { title, shelf }, { event, meta }) => event(BookChanged, { bookId: meta.stream, title, shelf }),
        renamed: (_renamed, { title, shelf }, { event, meta }) =>
          event(BookChanged, { bookId: meta.stream, title, shelf }),
      },
    }),
    byTitle: library
      .projection('by-title', { writes: ['titles'], mode: 'inline' })
      .onFact(book, 'added', ({ title }, { tables, fact: { stream } }) => {
        tables.titles.put({ bookId: stream, title })
      })
      .onFact(book, 'renamed', ({ title }, { tables, fact: { stream } }) => {
        tables.titles.put({ bookId: stream, title })
      }),
    byShelf: library
      .projection('by-shelf', { writes: ['shelves'] })
      .onFact(book, 'added', async ({ shelf = 'unsorted' }, { tables, fact: { stream } }) => {
        await before(`by-shelf ${stream}`)
        const { count } = (await tables.shelves.get(shelf)) ?? { count: 0 }
        tables.shelves.put({ shelf, count: count + 1 })
      }),
    remove: library.command(RemoveBook, { publishes: [BookChanged] }, ({ bookId }, { retract }) => {
      retract(BookChanged, bookId)
    }),
    ask: library.command(AskLoan, { publishes: [LoanAsked] }, (asked, { publish }) => {
      publish(LoanAsked, { ...asked, days: 21 })
      return { asked: asked.loanId }
    }),
    open: library.command(OpenLoan, { publishes: [LoanOpened] }, (opened, { publish }) => publish(LoanOpened, opened)),
    close: library.command(CloseLoan, { publishes: [LoanClosed] }, (closed, { publish }) =>
      publish(LoanClosed, closed),
    ),
    send: library.command(SendPage, { publishes: [PageSent] }, (sent, { publish }) => publish(PageSent, sent)),
    titles: library.query(Titles, async (_input, { readModels }) => [...(await readModels.titles.list())]),
    book: library.query(Book, async ({ bookId }, { streams }) => {
      const { state, version } = await streams.load(book, bookId)
      const facts = await streams.read(book, bookId)
      return { ...state, version, facts: facts.map(({ type, data }) => ({ type, data })) }
    }),
    shelves: library.query(Shelves, async (_input, { readModels }) => [...(await readModels.shelves.list())]),
  })
}

const readers = defineTable('readers')
  .version(1, z.object({ reader: z.string(), count: z.number() }))
  .key(({ reader }) => reader)
const notices = defineTable('notices')
  .version(1, z.object({ notice: z.string(), by: z.string() }))
  .key(({ notice }) => notice)

/** Hears: handlers in two subscribers, a replica, a read model, timers, an effect and a process manager. */
export function deskOf(before: Before, age: Age): Service {
  const { BookChanged, LoanAsked, loans, remind, SendNotice } = age === 'earlier' ? earlier : later
  const desk = defineService('desk', {
    publishes: [NoticeSent],
    tables: { loans, notices },
    readModels: { readers },
    replicas: { books: replicaOf(BookChanged, { indexes: ['title'] }) },
    timers: { remind, sweep: timer() },
    limits,
  })
  const parts = {
    lend: desk.on(LoanAsked, async (asked, { replicas, tables, timers }) => {
      await before(`lend ${asked.loanId}`)
      await replicas.books.require(asked.bookId)
      tables.loans.put(asked)
      timers.remind.after(asked.loanId, { days: 1 }, { reader: asked.reader, tone: 'kind' })
    }),
    audit: desk.on(LoanAsked, { subscriber: 'audit' }, ({ loanId }) => before(`audit ${loanId}`)),
    byReader: desk
      .projection('by-reader', { writes: ['readers'] })
      .on(LoanAsked, async ({ loanId, reader }, { tables }) => {
        await before(`by-reader ${loanId}`)
        const { count } = (await tables.readers.get(reader)) ?? { count: 0 }
        tables.readers.put({ reader, count: count + 1 })
      }),
    loan: desk
      .process('loan', {
        facts: { opened: fact(z.object({})), warned: fact(z.object({})), closed: fact(z.object({})) },
        initialState: () => ({ warnings: 0 }),
        evolve: {
          opened: () => ({ warnings: 0 }),
          warned: ({ warnings }) => ({ warnings: warnings + 1 }),
          closed: (state) => state,
        },
        timers: { overdue: timer() },
        requests: [SendNotice],
      })
      .starts(
        LoanOpened,
        ({ loanId }) => loanId,
        async ({ loanId }, { facts, timers }) => {
          await before(`open ${loanId}`)
          timers.overdue.after({ days: 14 })
          return facts.opened({})
        },
      )
      .on(
        LoanClosed,
        ({ loanId }) => loanId,
        async ({ loanId }, { facts, end }) => {
          await before(`close ${loanId}`)
          end()
          return facts.closed({})
        },
      )
      .due('overdue', async (_due, { key, facts, request }) => {
        await before(`overdue ${key}`)
        request(SendNotice, { notice: `overdue-${key}`, by: 'post' })
        return facts.warned({})
      }),
    remindReader: desk.due('remind', ({ tone }, { timer: { key } }) => before(`remind ${key} (${tone})`)),
    sweepDesk: desk.due('sweep', (_due, { timer: { key } }) => before(`sweep ${key}`)),
    sendNotice: desk.effect(SendNotice, {
      publishes: [NoticeSent],
      attemptsMax: 3,
      perform: ({ notice, by }, { idempotencyKey }) => before(`perform ${notice} by ${by} as ${idempotencyKey}`),
      outcome: (_outcome, { tables, publish, input }) => {
        tables.notices.put(input)
        publish(NoticeSent, input)
      },
    }),
    planSweep: desk.command(PlanSweep, ({ cron }, { timers }) => timers.sweep.every('all', { cron })),
    planReminder: desk.command(PlanReminder, ({ loanId, inMs }, { timers }) =>
      timers.remind.after(loanId, { milliseconds: inMs }, { reader: 'nobody', tone: 'stern' }),
    ),
    notify: desk.command(Notify, { requests: [SendNotice] }, ({ notice, inMs }, { request }) => {
      request(SendNotice, { notice, by: 'hand' }, inMs === 0 ? {} : { after: { milliseconds: inMs } })
    }),
    loans: desk.query(Loans, async (_input, { tables, replicas, readModels }) => ({
      loans: [...(await tables.loans.list())],
      books: [...(await replicas.books.list())],
      readers: [...(await readModels.readers.list())],
      notices: [...(await tables.notices.list())],
    })),
  }
  if (age === 'earlier') return desk.with(parts)
  return desk.with({
    ...parts,
    thank: desk.on(LoanAsked, { from: 'beginning' }, ({ loanId }) => before(`thank ${loanId}`)),
    watch: desk.on(
      LoanAsked,
      { from: 'now', effectsFrom: 'now', requests: [SendNotice] },
      async ({ loanId }, { request }) => {
        await before(`watch ${loanId}`)
        request(SendNotice, { notice: `watched-${loanId}`, by: 'hand' })
      },
    ),
  })
}

const pages = defineTable('pages')
  .version(1, z.object({ page: z.string() }))
  .key(({ page }) => page)

/** Hears of pages; a page may end its process. */
export function pressOf(before: Before): Service {
  const press = defineService('press', { tables: { pages }, timers: { dry: timer() }, limits })
  return press.with({
    print: press.on(PageSent, async ({ page }, { tables, timers }) => {
      await before(`print ${page}`)
      tables.pages.put({ page })
      timers.dry.after(page, { minutes: 45 })
    }),
    dryPage: press.due('dry', (_due, { timer: { key } }) => before(`dry ${key}`)),
  })
}
