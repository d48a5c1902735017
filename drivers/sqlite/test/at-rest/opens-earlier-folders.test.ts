// Data folders that earlier builds wrote open with the code of today, with everything in them, and go on. Invariant: a released layout keeps
// its folder here for ever; a name at rest that is changed without a migration turns these tests red.

import {
  deferredEvents,
  deliveriesOf,
  eventsOfConversation,
  listProcesses,
  listTimers,
  pendingEffects,
  redrive,
  showProcess,
} from 'tidings/operations'
import { describe, expect, test } from 'vitest'
import {
  AddBook,
  AskLoan,
  Book,
  CloseLoan,
  Loans,
  OpenLoan,
  PlanReminder,
  RenameBook,
  Shelves,
  Titles,
} from './contracts.ts'
import { copyOf, layouts, type OpenedCopy, openCopy } from './open-copy.ts'

const dayMs = 86_400_000
const serviceNames = ['library', 'desk', 'press']

/** What subscribers have put off, in order: who, which key, how it stands. */
const deferred = ({ system }: OpenedCopy, service: string) =>
  deferredEvents(system.service(service)).map(
    ({ subscriber, source, key, state, attempts }) => `${subscriber}/${source} ${key}: ${state} ${attempts}`,
  )

const redriveAll = async (run: OpenedCopy, service: string) =>
  (await run.drive(redrive(run.system.service(service), {}, { dryRun: false }))).map(({ key, events }) => [
    key,
    events.length,
  ])

describe.each(layouts)('the folder of %s', (layout) => {
  test('is shown as it was left, and nothing runs', async () => {
    const run = await openCopy(copyOf(layout), { idle: true })
    const desk = run.system.service('desk')
    expect(deferred(run, 'desk')).toEqual([
      'main/library dan: parked 3',
      'main/library dan: blocked 0',
      'main/library eve: retrying 1',
      'main/library eve: blocked 0',
      'main/library fay: waiting 0',
      'main/library bob: blocked 0',
      'main/~timers soon: retrying 1',
      'effect.send-notice/~effects n-refused: parked 1',
      'effect.send-notice/~effects n-failing: retrying 1',
    ])
    const main = desk.status.subscriptions.find(
      ({ subscriber, source }) => subscriber === 'main' && source === 'library',
    )
    expect(main).toMatchObject({ retrying: 1, waiting: 1, parked: 1, blocked: 3 })
    expect(deferredEvents(desk, { code: 'REPLICA_ROW_MISSING' }).map(({ key }) => key)).toEqual(['fay'])
    const { timers } = await run.drive(listTimers(desk))
    expect(timers.map(({ id, state, data }) => [id, state, data])).toEqual([
      ['timer/-/remind/soon', 'retrying', { reader: 'nobody', tone: 'stern' }],
      ['timer/-/sweep/all', 'set', null],
      ['timer/-/remind/l-1', 'set', { reader: 'ann' }],
      ['timer/-/remind/l-2', 'set', { reader: 'bob' }],
      ['timer/-/remind/l-3', 'set', { reader: 'cid' }],
      ['timer/-/remind/l-10', 'set', { reader: 'gil', tone: 'kind' }],
      ['timer/loan/overdue/o-1', 'set', null],
      ['timer/loan/overdue/o-3', 'set', null],
    ])
    const { effects } = await run.drive(pendingEffects(desk))
    expect(effects.map(({ key, state, attempts }) => [key, state, attempts])).toEqual([
      ['n-refused', 'parked', 1],
      ['n-failing', 'retrying', 1],
      ['n-later', 'set', 0],
    ])
    const drying = await run.drive(listTimers(run.system.service('press')))
    expect(drying.timers.map(({ id, state }) => [id, state])).toEqual([['timer/-/dry/p-1', 'due']])
    expect(run.called()).toEqual([])
    await run.close()
  })

  test('shows process managers and deliveries as they were recorded', async () => {
    const run = await openCopy(copyOf(layout), { idle: true })
    const desk = run.system.service('desk')
    const { instances } = await run.drive(listProcesses(desk))
    expect(instances.map(({ key, run: number, state, steps }) => [key, number, state, steps])).toEqual([
      ['o-1', 1, 'running', 1],
      ['o-2', 1, 'ended', 2],
      ['o-3', 2, 'running', 3],
    ])
    expect((await run.drive(listProcesses(desk, { process: 'loan', state: 'running' }))).instances).toHaveLength(2)
    const { steps } = await run.drive(showProcess(desk, 'loan', 'o-3'))
    expect(steps.map((step) => [step.run, step.facts.map(({ type }) => type), step.ended ?? false])).toEqual([
      [1, ['opened'], false],
      [1, ['closed'], true],
      [2, ['opened'], false],
    ])
    const events = await run.drive(eventsOfConversation(run.system.service('library'), 'conversation-1'))
    expect(events.map(({ key, principal }) => [key, principal])).toEqual([['ann', 'ann']])
    const asked = (await loansAsked(run)).filter(({ key }) => key === 'cid' || key === 'dan')
    const accounts = await run.drive(deliveriesOf(desk, asked))
    expect(accounts.map(({ subscriber, state, attempts }) => `${subscriber} ${state} ${attempts}`)).toEqual([
      'projection.by-reader done 1',
      'projection.by-reader done 1',
      'projection.by-reader done 1',
      'main done 2',
      'main parked 3',
      'main blocked 0',
      'audit done 1',
      'audit done 1',
      'audit done 1',
    ])
    await run.close()
  })

  test('goes on with what was deferred, in order, and handles nothing twice', async () => {
    const run = await openCopy(copyOf(layout))
    await run.command('library', AddBook, { bookId: 'b-9', title: 'Nine' })
    await run.drive(run.system.settled())
    const called = run.called()
    const of = (...words: string[]) => called.filter((what) => words.includes(what.split(' ')[0] ?? ''))
    expect(of('lend').sort()).toEqual([6, 7, 8, 9].map((number) => `lend l-${number}`))
    expect(of('thank').sort()).toEqual([2, 6, 7, 8, 9].map((number) => `thank l-${number}`))
    // One key keeps its order, also behind a handler that was added later.
    expect(called.filter((what) => /^lend l-[67]$/.test(what))).toEqual(['lend l-6', 'lend l-7'])
    expect(called.filter((what) => /^(thank l-2|lend l-9)$/.test(what))).toEqual(['thank l-2', 'lend l-9'])
    expect(of('watch').sort()).toEqual([6, 7, 8, 9].map((number) => `watch l-${number}`))
    expect(of('audit', 'open', 'close', 'overdue', 'sweep')).toEqual([])
    expect(of('remind')).toEqual(['remind soon (stern)'])
    expect(of('perform').sort()).toEqual([
      `perform n-failing by hand as id-000000000054`,
      ...[6, 7, 8, 9].map((number) => `perform watched-l-${number} by hand`),
    ])
    // The rebuild that was interrupted goes on where it was.
    expect(of('by-reader')).toEqual([5, 6, 7, 8, 9, 10].map((number) => `by-reader l-${number}`))
    expect(of('by-shelf')).toEqual(['by-shelf b-9'])
    expect(deferred(run, 'desk')).toEqual([
      'main/library dan: parked 3',
      'main/library dan: blocked 0',
      'effect.send-notice/~effects n-refused: parked 1',
    ])
    // The page that has ended its process twice is known by its mark, and does not run again.
    expect(of('print', 'dry').sort()).toEqual(['dry p-1', 'dry p-3', 'print p-3'])
    expect(deferredEvents(run.system.service('press')).map(({ key, error }) => [key, error?.code])).toEqual([
      ['p-2', 'PROCESS_KILLED'],
    ])
    await run.close()
  })

  test('redrives its dead letters, in order, and performs what was refused', async () => {
    const run = await openCopy(copyOf(layout))
    await run.command('library', AddBook, { bookId: 'b-9', title: 'Nine' })
    await run.drive(run.system.settled())
    run.called()
    expect(await redriveAll(run, 'desk')).toEqual([
      ['dan', 2],
      ['n-refused', 1],
    ])
    expect(await redriveAll(run, 'press')).toEqual([['p-2', 1]])
    await run.drive(run.system.settled())
    const called = run.called()
    expect(called.filter((what) => what.startsWith('lend'))).toEqual(['lend l-4', 'lend l-5'])
    expect(called.filter((what) => !what.startsWith('lend')).sort()).toEqual([
      'dry p-2',
      'perform n-refused by hand as id-000000000052',
      'print p-2',
    ])
    expect(serviceNames.flatMap((service) => deferred(run, service))).toEqual([])
    await run.close()
  })

  test('fires its timers once, performs what was requested for later, and goes on with its processes', async () => {
    const run = await openCopy(copyOf(layout))
    await run.command('library', AddBook, { bookId: 'b-9', title: 'Nine' })
    await run.drive(run.system.settled())
    // A timer that is set anew takes the place of the one that was set before.
    await run.command('desk', PlanReminder, { loanId: 'l-2', inMs: 2 * dayMs })
    for (const loanId of ['o-1', 'o-2']) await run.command('library', CloseLoan, { loanId })
    await run.command('library', OpenLoan, { loanId: 'o-2' })
    await run.advance(0)
    // A process that has ended is not closed again; opened again, it is in its second run.
    expect(run.called().filter((what) => /^(open|close) /.test(what))).toEqual(['close o-1', 'open o-2'])
    await run.advance(15 * dayMs)
    const called = run.called()
    expect(called.filter((what) => /remind l-[1-3] /.test(what))).toEqual([
      'remind l-1 (plain)',
      'remind l-3 (plain)',
      'remind l-2 (stern)',
    ])
    expect(called.filter((what) => what === 'sweep all')).toHaveLength(15)
    expect(called.filter((what) => what.startsWith('overdue')).sort()).toEqual(['overdue o-2', 'overdue o-3'])
    expect(called.filter((what) => /perform (n-|overdue)/.test(what)).sort()).toEqual([
      'perform n-later by mail as id-000000000026',
      'perform overdue-o-2 by post',
      'perform overdue-o-3 by post',
    ])
    const { instances } = await run.drive(listProcesses(run.system.service('desk')))
    expect(instances.map(({ key, run: number, state, steps }) => [key, number, state, steps])).toEqual([
      ['o-1', 1, 'ended', 2],
      ['o-2', 2, 'running', 4],
      ['o-3', 2, 'running', 4],
    ])
    await run.close()
  })

  test('answers from what it keeps: rows, read models, streams, snapshots, idempotency keys and tokens', async () => {
    const run = await openCopy(copyOf(layout))
    const asked = { loanId: 'l-1', bookId: 'b-1', reader: 'ann' }
    const underKey = { idempotencyKey: 'key-1', principal: 'ann' }
    expect(await run.command('library', AskLoan, asked, underKey)).toMatchObject({
      replayed: true,
      commandId: 'id-000000000029',
      output: { asked: 'l-1' },
    })
    const rename = run.command('library', RenameBook, { bookId: 'b-7', title: 'None' }, { idempotencyKey: 'key-2' })
    expect(await rename).toMatchObject({ replayed: true, accepted: false, rejection: { code: 'no-such-book' } })
    const reused = run.command('library', AskLoan, { ...asked, loanId: 'l-0' }, underKey)
    await expect(reused).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
    expect(await run.query(Titles, {})).toEqual([
      { bookId: 'b-1', title: 'Eins' },
      { bookId: 'b-2', title: 'Two' },
      { bookId: 'b-3', title: 'Three' },
    ])
    expect(await run.query(Shelves, {})).toEqual([{ shelf: 'unsorted', count: 3 }])
    // The state is the snapshot's, which the first edition of the code has kept; the facts are read as the code knows them now.
    expect(await run.query(Book, { bookId: 'b-1' })).toEqual({
      title: 'Eins',
      shelf: 'unsorted',
      edition: 1,
      version: 3,
      facts: [
        { type: 'added', data: { title: 'One', shelf: 'unsorted' } },
        { type: 'renamed', data: { title: 'Uno' } },
        { type: 'renamed', data: { title: 'Eins' } },
      ],
    })
    // An entity goes on from its version: replicas would pass over one that begins anew.
    await run.command('library', RenameBook, { bookId: 'b-1', title: 'Ein' })
    await run.command('library', AddBook, { bookId: 'b-9', title: 'Nine' })
    await run.drive(run.system.settled())
    const after = ['1:library:id-000000000001:18:5', '1:library:id-000000000039:23:5']
    const shown = await run.query(Loans, {}, { after })
    expect(shown?.books).toEqual([
      { bookId: 'b-1', title: 'Ein', shelf: 'unsorted' },
      { bookId: 'b-2', title: 'Two', shelf: 'unsorted' },
      { bookId: 'b-9', title: 'Nine', shelf: 'new' },
    ])
    // Rows of the first version have seven days; events of the first version have fourteen.
    expect(shown?.loans.map(({ loanId, days }) => [loanId, days])).toEqual([
      ['l-1', 7],
      ['l-10', 14],
      ['l-2', 7],
      ['l-3', 7],
      ['l-6', 14],
      ['l-7', 14],
      ['l-8', 14],
      ['l-9', 14],
    ])
    expect(shown?.readers.map(({ reader, count }) => `${reader} ${count}`).join()).toBe(
      'ann 1,bob 2,cid 1,dan 2,eve 2,fay 1,gil 1',
    )
    expect(shown?.notices.map(({ notice }) => notice)).toContain('n-done')
    await run.close()
  })

  test('opens cleanly a second time, and has nothing left to do', async () => {
    const directory = copyOf(layout)
    const first = await openCopy(directory)
    await first.command('library', AddBook, { bookId: 'b-9', title: 'Nine' })
    await first.drive(first.system.settled())
    for (const service of ['desk', 'press']) await redriveAll(first, service)
    await first.drive(first.system.settled())
    expect(
      [...new Set(first.log.map(({ service, level, message }) => `${service} ${level} ${message}`))].sort(),
    ).toEqual([
      'desk info A read model is rebuilt',
      'desk info A timer was handled after failures',
      'desk info An effect was handled after failures',
      'desk info An effect was handled after its redrive',
      'desk info An event was handled after failures',
      'desk info An event was handled after its redrive',
      'desk info Dead letters are redriven',
      'desk info Rebuilding a read model',
      'press error An event was parked; later events of its key wait behind it',
      'press info An event was handled after its redrive',
      'press info Dead letters are redriven',
      'press warn The previous run crashed',
      'press warn What may have caused the end of the previous run is handled one at a time',
    ])
    const replicas = await first.query(Loans, {})
    await first.close()
    const second = await openCopy(directory, { laterMs: 60_000, ids: 'last' })
    await second.drive(second.system.settled())
    expect(second.called()).toEqual([])
    expect(second.log).toEqual([])
    expect(await second.query(Loans, {})).toEqual(replicas)
    expect(second.system.service('desk').status.readModels.map(({ name, generation }) => [name, generation])).toEqual([
      ['by-reader', 2],
      ['books', 2],
    ])
    await second.close()
  })
})

async function loansAsked(run: OpenedCopy) {
  const page = await run.drive(
    (async () => run.system.engine.broker.read('library', { after: '', limit: 100, types: ['at-rest.loan-asked'] }))(),
  )
  return page.events
}
