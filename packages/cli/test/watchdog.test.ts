// A function that loops for ever, in a real process: the process ends and says where, and the next start knows what it was.

import { expect, test } from 'vitest'
import { Looping, linesOf, loop } from './looping-folder.ts'
import { until } from './run-bin.ts'

const timeout = 40_000
const where = expect.stringMatching(/^loopIf \(tidings\.config\.ts:\d+:\d+\) does not return\.$/)
const event = { type: 'test.placed', event: expect.any(String), source: 'loops' }

const kinds = {
  command: { command: 'place', id: expect.any(String) },
  'command-later': { command: 'place', id: expect.any(String) },
  query: { query: 'ask' },
  'query-later': { query: 'ask' },
  handler: { ...event, subscriber: 'main' },
  'handler-later': { ...event, subscriber: 'main' },
  projection: { ...event, subscriber: 'projection.count' },
  process: { ...event, subscriber: 'follow' },
  effect: { type: 'send', effect: expect.any(String), subscriber: 'effect.send' },
  'effect-later': { type: 'send', effect: expect.any(String), subscriber: 'effect.send' },
}

test.for(Object.entries(kinds))(
  'an endless loop in the %s ends the process, whose last line names it and where it is',
  { timeout },
  async ([kind, named]) => {
    const running = await new Looping().start()
    await loop(running.http, kind)
    const { signal, stderr } = await running.ended
    expect(signal).toBe('SIGKILL')
    const last = linesOf(stderr).at(-1)
    expect(last).toMatchObject({ level: 'error', service: 'loops', blockedMsMax: 500, error: where, ...named })
    expect(last?.msg).toBe('The process ends: its main thread is blocked')
  },
)

test.for(['handler', 'projection', 'process', 'effect', 'effect-later'] as const)(
  'what an endless loop in the %s handles is parked after crashesMax ends, and the rest goes on',
  { timeout },
  async (kind) => {
    const looping = new Looping()
    const first = await looping.start()
    await loop(first.http, kind)
    await first.ended
    const second = looping.begin()
    const lines = linesOf((await second.ended).stderr).map(({ msg }) => msg)
    expect(lines.slice(0, 2)).toEqual([
      'The previous run was ended because it was blocked',
      'What may have caused the end of the previous run is handled one at a time',
    ])
    const third = await looping.start()
    await until(looping.status.bind(looping), (text) => / running \S+ \S+ \S+ \S+ 1 –/.test(text))
    await loop(third.http, 'nowhere')
    third.signal('SIGTERM')
    const ended = await third.ended
    expect(linesOf(ended.stderr)).toContainEqual(expect.objectContaining({ level: 'error', code: 'PROCESS_KILLED' }))
    expect(ended.code).toBe(0)
  },
)

test('after a command has looped, the next start and the status name it, and no event is blamed', {
  timeout,
}, async () => {
  const looping = new Looping()
  const first = await looping.start()
  await loop(first.http, 'command')
  await first.ended
  expect(await looping.status()).toContain('its last run was ended: command place blocked it for')
  const second = await looping.start()
  await loop(second.http, 'nowhere')
  expect(await looping.status()).toMatch(/command place blocked it for .* \(loopIf \(tidings\.config\.ts/)
  second.signal('SIGTERM')
  const { code, stderr } = await second.ended
  expect(code).toBe(0)
  expect(linesOf(stderr)).toEqual([
    expect.objectContaining({
      msg: 'The previous run was ended because it was blocked',
      command: 'place',
      of: 'loops',
    }),
  ])
  const third = await looping.start()
  expect(await looping.status()).not.toContain('its last run was ended')
  third.signal('SIGTERM')
  expect((await third.ended).stderr).toBe('')
})

test('after a kill while no event was in flight, the next start does not say that events caused it', {
  timeout,
}, async () => {
  const looping = new Looping()
  const first = await looping.start()
  await loop(first.http, 'nowhere')
  await until(looping.status.bind(looping), (text) => !/ running [1-9]/.test(text))
  first.signal('SIGKILL')
  await first.ended
  const second = await looping.start()
  await loop(second.http, 'nowhere')
  await until(looping.status.bind(looping), (text) => !/ running [1-9]/.test(text))
  second.signal('SIGTERM')
  expect(linesOf((await second.ended).stderr).map(({ msg }) => msg)).toEqual(['The previous run crashed'])
})
