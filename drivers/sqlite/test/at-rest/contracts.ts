// The contracts of the at-rest services, each in the version of the code that wrote the folder first (`earlier`) and of the code that opens
// it (`later`). Invariant: both ages have the same types, so that one service definition serves both: an earlier schema leaves out what the
// later one has added.

import { defineCommand, defineDecider, defineEffect, defineEvent, defineQuery, defineTable, fact, timer } from 'tidings'
import { z } from 'zod'

const bookV1 = z.object({ bookId: z.string(), title: z.string() })
const bookV2 = bookV1.extend({ shelf: z.string() })
const loanV1 = z.object({ loanId: z.string(), bookId: z.string(), reader: z.string() })
const loanV2 = loanV1.extend({ days: z.number() })
const noticeV1 = z.object({ notice: z.string() })
const noticeV2 = noticeV1.extend({ by: z.string() })
const reminderV1 = z.object({ reader: z.string() })
const reminderV2 = reminderV1.extend({ tone: z.string() })

export const AddBook = defineCommand('add-book', { input: bookV1, key: ({ bookId }) => bookId })
export const RenameBook = defineCommand('rename-book', { input: bookV1, key: ({ bookId }) => bookId })
export const RemoveBook = defineCommand('remove-book', { input: z.object({ bookId: z.string() }) })
export const AskLoan = defineCommand('ask-loan', { input: loanV1, output: z.object({ asked: z.string() }) })
export const OpenLoan = defineCommand('open-loan', { input: z.object({ loanId: z.string() }) })
export const CloseLoan = defineCommand('close-loan', { input: z.object({ loanId: z.string() }) })
export const SendPage = defineCommand('send-page', { input: z.object({ page: z.string() }) })
export const PlanSweep = defineCommand('plan-sweep', { input: z.object({ cron: z.string() }) })
export const PlanReminder = defineCommand('plan-reminder', {
  input: z.object({ loanId: z.string(), inMs: z.number() }),
})
export const Notify = defineCommand('notify', { input: z.object({ notice: z.string(), inMs: z.number() }) })

export const Titles = defineQuery('titles', { owner: 'library', input: z.object({}), output: z.array(bookV1) })
export const Book = defineQuery('book', {
  owner: 'library',
  input: z.object({ bookId: z.string() }),
  output: bookV2.omit({ bookId: true }).extend({
    edition: z.number(),
    version: z.number(),
    facts: z.array(z.object({ type: z.string(), data: z.unknown() })),
  }),
})
export const Shelves = defineQuery('shelves', {
  owner: 'library',
  input: z.object({}),
  output: z.array(z.object({ shelf: z.string(), count: z.number() })),
})
export const Loans = defineQuery('loans', {
  owner: 'desk',
  input: z.object({}),
  output: z.object({
    loans: z.array(loanV2),
    books: z.array(bookV2),
    readers: z.array(z.object({ reader: z.string(), count: z.number() })),
    notices: z.array(noticeV2),
  }),
})

const firstBookChanged = defineEvent('at-rest.book-changed', { owner: 'library', pattern: 'state-transfer' }).version(
  1,
  bookV1,
)
const BookChanged = firstBookChanged
  .version(2, bookV2, (older) => ({ ...older, shelf: 'unsorted' }))
  .key(({ bookId }) => bookId)
const firstLoanAsked = defineEvent('at-rest.loan-asked', { owner: 'library', pattern: 'notification' }).version(
  1,
  loanV1,
)
const LoanAsked = firstLoanAsked.version(2, loanV2, (older) => ({ ...older, days: 14 })).key(({ reader }) => reader)
export const LoanOpened = defineEvent('at-rest.loan-opened', { owner: 'library', pattern: 'notification' })
  .version(1, z.object({ loanId: z.string() }))
  .key(({ loanId }) => loanId)
export const LoanClosed = defineEvent('at-rest.loan-closed', { owner: 'library', pattern: 'notification' })
  .version(1, z.object({ loanId: z.string() }))
  .key(({ loanId }) => loanId)
export const PageSent = defineEvent('at-rest.page-sent', { owner: 'library', pattern: 'notification' })
  .version(1, z.object({ page: z.string() }))
  .key(({ page }) => page)
export const NoticeSent = defineEvent('at-rest.notice-sent', { owner: 'desk', pattern: 'notification' })
  .version(1, noticeV1)
  .key(({ notice }) => notice)

const firstAdded = fact(z.object({ title: z.string() }))
const book = defineDecider('book', {
  commands: { add: AddBook, rename: RenameBook },
  facts: {
    added: firstAdded.version(2, z.object({ title: z.string(), shelf: z.string() }), (older) => ({
      ...older,
      shelf: 'unsorted',
    })),
    renamed: fact(z.object({ title: z.string() })),
  },
  // The edition says whose state was kept: facts do not change it.
  initialState: () => ({ title: '', shelf: '', edition: 2 }),
  decide: {
    add: ({ title }, _state, { facts }) => facts.added({ title, shelf: 'new' }),
    rename: ({ title }, state, { facts, reject }) =>
      state.title === '' ? reject('no-such-book', 'There is no such book.') : facts.renamed({ title }),
  },
  evolve: {
    added: ({ edition }, { title, shelf = 'unsorted' }) => ({ title, shelf, edition }),
    renamed: (state, { title }) => ({ ...state, title }),
  },
  snapshot: { every: 3, version: 1 },
})

const firstLoans = defineTable('loans').version(1, loanV1)
const loans = firstLoans
  .version(2, loanV2, (older) => ({ ...older, days: 7 }))
  .key(({ loanId }) => loanId)
  .index('reader')
const firstReminder = timer(reminderV1)
const remind = firstReminder.version(2, reminderV2, (older) => ({ ...older, tone: 'plain' }))
const firstNotice = defineEffect('send-notice', { input: noticeV1, key: ({ notice }) => notice })
const SendNotice = firstNotice.version(2, noticeV2, (older) => ({ ...older, by: 'mail' }))

/** The contracts as the code knows them that opens the folder. */
export const later = { BookChanged, LoanAsked, book, loans, remind, SendNotice }

/** The contracts as the code knew them that wrote the folder first. */
export const earlier = {
  BookChanged: firstBookChanged.key(({ bookId }) => bookId),
  LoanAsked: firstLoanAsked.key(({ reader }) => reader),
  book: {
    ...book,
    facts: { ...book.facts, added: firstAdded },
    initialState: () => ({ title: '', shelf: '', edition: 1 }),
  },
  loans: firstLoans.key(({ loanId }) => loanId).index('reader'),
  remind: firstReminder,
  SendNotice: firstNotice,
} as unknown as typeof later
