// What an operator reads in the log when something fails: each failure once, with what to type next, and no data of events.

import type { Service } from 'tidings'
import { defineCommand, defineEffect, defineEvent, defineQuery, defineService, TidingsError } from 'tidings'
import type { LogLine } from 'tidings/ports'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { inSession, type Session } from '../../src/index.ts'

const Letter = z.object({ to: z.string(), text: z.string() })
const Sent = defineEvent('post.sent', { owner: 'post', pattern: 'notification' })
  .version(1, Letter)
  .key(({ to }) => to)
const Send = defineCommand('send', { input: Letter })
const Text = defineQuery('text', { owner: 'post', input: z.object({}), output: z.object({}) })
const Ring = defineEffect('ring', { input: Letter, key: ({ to }) => to })

const base = defineService('post', { publishes: [Sent] })
const post = base.with({
  send: base.command(Send, { publishes: [Sent] }, (letter, { publish }) => publish(Sent, letter)),
  text: base.query(Text, () => ({})),
})

interface DeskOptions {
  readonly read?: (to: string) => unknown
  readonly rings?: boolean
  readonly looksUp?: boolean
}

function deskWith({ read = () => {}, rings = false, looksUp = false }: DeskOptions): Service {
  const desk = defineService('desk', { limits: { attemptsMax: 3 } })
  return desk.with({
    read: desk.on(Sent, { lookups: [Text], requests: [Ring] }, async (letter, { lookup, request }) => {
      if (looksUp) await lookup(Text, {})
      if (rings) request(Ring, letter)
      await read(letter.to)
    }),
    ring: desk.effect(Ring, { breaker: { failures: 2, pauseMs: 10_000 }, perform: () => {} }),
  })
}

const send = (session: Session, to: string) => session.command(post, Send, { to, text: 'a secret' })

function linesOf(session: Session, service: string): readonly LogLine[] {
  return session.log.filter((line) => line.service === service)
}
const told = (lines: readonly LogLine[]) => lines.map(({ level, message }) => `${level} ${message}`)

test('the first failure of an event and its parking are logged once each, with the command to look closer', () =>
  inSession({ services: [post, deskWith({ read: fail })] }, async (session) => {
    await send(session, 'ann')
    await session.settled()
    const lines = linesOf(session, 'desk')
    expect(told(lines)).toEqual([
      'warn An event failed and is retried',
      'error An event was parked; later events of its key wait behind it',
    ])
    const [{ data: _, ...event } = {}] = await session.published(Sent)
    const shared = {
      event: (event as { id: string }).id,
      subscriber: 'main',
      source: 'post',
      type: 'post.sent',
      key: 'ann',
    }
    expect(lines[0]?.fields).toMatchObject({
      ...shared,
      code: 'HANDLER_FAILED',
      error: 'Error: no such reader',
      attempt: 1,
      attemptsMax: 3,
      retryInMs: expect.any(Number),
      stack: expect.stringContaining('log.test.ts'),
      next: `npx tidings why post.sent/${shared.event}`,
    })
    expect(lines[1]?.fields).toMatchObject({
      ...shared,
      code: 'HANDLER_FAILED',
      attempts: 3,
      next: `npx tidings dead show ${shared.event}`,
    })
    expect(JSON.stringify(session.log)).not.toContain('a secret')
  }))

test('an event that is handled after failures says so, and a redrive and what comes of it are logged', async () => {
  let failures = 1
  const read = () => {
    if (failures-- > 0) fail()
  }
  await inSession({ services: [post, deskWith({ read })] }, async (session) => {
    await send(session, 'ann')
    await session.settled()
    failures = 3
    await send(session, 'bob')
    await session.settled()
    await session.restart('desk')
    await session.redrive('desk')
    await session.settled()
    expect(told(linesOf(session, 'desk'))).toEqual([
      'warn An event failed and is retried',
      'info An event was handled after failures',
      'warn An event failed and is retried',
      'error An event was parked; later events of its key wait behind it',
      'info Dead letters are redriven',
      'info An event was handled after its redrive',
    ])
    expect(linesOf(session, 'desk')[4]?.fields).toMatchObject({ subscriber: 'main', source: 'post', keys: 1 })
    // Two of the first event; three of the second, and one after its redrive.
    expect((await session.delivered(Sent)).map(({ attempts }) => attempts)).toEqual([2, 4])
  })
})

test('in a storm the first failures of a cause are logged, and the others as one line with their count', () =>
  inSession({ services: [post, deskWith({ read: fail })] }, async (session) => {
    for (let index = 0; index < 50; index++) await send(session, `reader-${index}`)
    await session.settled()
    await session.advance({ minutes: 11 })
    const lines = linesOf(session, 'desk')
    expect(lines).toHaveLength(8)
    expect(lines.slice(6).map(({ level, message, fields }) => [level, message, fields.count, fields.code])).toEqual([
      ['warn', 'More events failed for the same reason', 47, 'HANDLER_FAILED'],
      ['error', 'More events were parked for the same reason', 47, 'HANDLER_FAILED'],
    ])
  }))

test('thrown values without a stack are told apart by what was thrown, and the line that sums up names it', async () => {
  const thrown = ['a text', undefined, null, 'another text']
  const read = (to: string) => {
    throw thrown[Number(to.split('-')[1])]
  }
  await inSession({ services: [post, deskWith({ read })] }, async (session) => {
    for (let index = 0; index < 20; index++) await send(session, `${index}-${index % 4}`)
    await session.settled()
    await session.stop('desk')
    const failed = linesOf(session, 'desk').filter(({ level }) => level === 'warn')
    const first = failed.filter(({ message }) => message === 'An event failed and is retried')
    expect(first).toHaveLength(3 * 4)
    const summed = failed.filter(({ message }) => message.startsWith('More events failed'))
    expect(summed.map(({ fields }) => `${fields.count} ${fields.error}`).sort()).toEqual([
      '2 It threw a text, which is not an error: a text.',
      '2 It threw a text, which is not an error: another text.',
      '2 It threw null, which is not an error.',
      '2 It threw undefined, which is not an error.',
    ])
  })
})

test('one place that throws for two reasons has log lines for both', () => {
  const read = (to: string) => refuse(to.startsWith('a') ? 'too early' : 'too late')
  return inSession({ services: [post, deskWith({ read })] }, async (session) => {
    for (const to of ['a-1', 'a-2', 'a-3', 'a-4', 'b-1']) await send(session, to)
    await session.settled()
    const failed = linesOf(session, 'desk').filter(({ level }) => level === 'warn')
    expect(failed.map(({ fields }) => fields.error)).toEqual([
      ...['Error: too early', 'Error: too early', 'Error: too early', 'Error: too late'],
    ])
  })
})

test('what was only counted is logged when the service stops', () =>
  inSession({ services: [post, deskWith({ read: fail })] }, async (session) => {
    for (let index = 0; index < 10; index++) await send(session, `reader-${index}`)
    await session.settled()
    await session.stop('desk')
    expect(linesOf(session, 'desk').slice(-2)).toMatchObject([{ fields: { count: 7 } }, { fields: { count: 7 } }])
  }))

test('a storm of ever new causes does not fill the log', async () => {
  let count = 0
  const read = (to: string) => {
    throw new TidingsError('INVALID_PAYLOAD', `no ${to}`, { cause: thrownAt(count++) })
  }
  await inSession({ services: [post, deskWith({ read })] }, async (session) => {
    for (let index = 0; index < 400; index++) await send(session, `reader-${index}`)
    await session.settled()
    await session.stop('desk')
    expect(linesOf(session, 'desk').length).toBeLessThan(120)
  })
})

test('a subscription that pauses says why, and that it resumes', () =>
  inSession({ services: [post, deskWith({ looksUp: true })] }, async (session) => {
    await send(session, 'ann')
    await session.settled()
    await session.stop('post')
    await session.publish(Sent, { to: 'bob', text: '' })
    await session.advance({ minutes: 1 })
    await session.restart('post')
    await session.settled()
    const lines = linesOf(session, 'desk')
    // The lookup is tried for some seconds.
    expect(told(lines)).toEqual([
      'warn An event takes long; its handler goes on by itself, and later events of its key wait for it',
      'warn A subscription pauses',
      'info A subscription resumes',
    ])
    expect(lines[1]?.fields).toMatchObject({
      subscriber: 'main',
      source: 'post',
      code: 'LOOKUP_UNAVAILABLE',
      next: 'npx tidings status',
    })
  }))

test('a circuit breaker says that it opens and that it closes', async () => {
  let down = true
  const ring = () => {
    if (down) throw new Error('no answer')
    return undefined
  }
  await inSession({ services: [post, deskWith({ rings: true })], effects: [[Ring, ring]] }, async (session) => {
    await send(session, 'ann')
    await session.advance({ seconds: 5 })
    down = false
    await session.advance({ minutes: 1 })
    expect(told(linesOf(session, 'desk'))).toEqual([
      'warn An effect failed and is retried',
      'warn The circuit breaker of an effect opens; the effect pauses',
      'warn A subscription pauses',
      'info The circuit breaker of an effect closes',
      'info An effect was handled after failures',
      'info A subscription resumes',
    ])
  })
})

test('after a crash the log names the event that was being handled', async () => {
  let crashes = 2
  let session: Session | undefined
  const read = async () => {
    if (crashes-- <= 0) return
    await session?.crash('desk')
    return new Promise(() => {})
  }
  await inSession({ services: [post, deskWith({ read })] }, async (running) => {
    session = running
    await send(running, 'ann')
    for (let starts = 0; starts < 2; starts++) {
      await running.advance({ seconds: 1 })
      await running.start('desk')
    }
    await running.settled()
    const lines = linesOf(running, 'desk')
    const crashed = 'warn The previous run crashed'
    const isolated = 'warn What may have caused the end of the previous run is handled one at a time'
    expect(told(lines)).toEqual([
      crashed,
      isolated,
      crashed,
      isolated,
      'warn The process ended while it handled an event, which is now handled by itself',
    ])
    expect(lines[4]?.fields).toMatchObject({ type: 'post.sent', key: 'ann', processesEnded: 1, crashesMax: 5 })
  })
})

function refuse(reason: string): never {
  throw new Error(reason)
}

function fail(): never {
  throw new Error('no such reader')
}

// An error that was thrown at a place of its own.
function thrownAt(line: number): Error {
  const error = new Error('somewhere')
  error.stack = `Error: somewhere\n    at place (/app/file.ts:${line}:1)`
  return error
}
