// Live queries on every engine: what readers get, in which order, and how a reader that reconnects continues.

import { expect } from 'vitest'
import { promise } from '../promises/setup/promise-test.ts'
import { chat, follow } from './rooms.ts'

const title = 'Live queries'

promise(title, 'a reader gets the current rows, then each change of its own rows', async (kind) => {
  const { world, post, take, read, close } = await chat(kind)
  await post('a', 'one')
  await post('b', 'two')
  await post('z', 'elsewhere', 'r2')
  const reader = follow(await read())
  await post('c', 'three')
  await post('a', 'one again')
  await post('y', 'elsewhere', 'r2')
  await take('b')
  await take('z')
  await world.settle()
  expect(reader.story).toBe('snapshot a b · put c · put a · remove b')
  expect([...reader.rows]).toEqual([
    ['a', { messageId: 'a', text: 'one again' }],
    ['c', { messageId: 'c', text: 'three' }],
  ])
  expect(JSON.parse(reader.items[0]?.json ?? '')).toEqual({
    rows: [
      { key: 'a', row: { messageId: 'a', text: 'one' } },
      { key: 'b', row: { messageId: 'b', text: 'two' } },
    ],
  })
  expect(JSON.parse(reader.items[1]?.json ?? '')).toEqual({ key: 'c', row: { messageId: 'c', text: 'three' } })
  await close()
  await reader.ended
})

promise(
  title,
  'a row that no longer matches `where`, or is hidden, is removed; one that matches again is put',
  async (kind) => {
    const { world, post, read, close } = await chat(kind)
    await post('a', 'one')
    await post('h', 'hidden')
    const first = follow(await read())
    const second = follow(await read('room-messages', { roomId: 'r2' }))
    const all = follow(await read('all-messages', {}))
    await post('a', 'one', 'r2')
    await post('a', 'hidden', 'r2')
    await post('a', 'broken', 'r2')
    await post('a', 'back', 'r1')
    await world.settle()
    expect(first.story).toBe('snapshot a · remove a · put a')
    expect(second.story).toBe('snapshot · put a · remove a')
    expect(all.story).toBe('snapshot a h · put a · put a · put a · put a')
    expect(world.lines.filter(({ message }) => message.includes('cannot be shown'))).toHaveLength(1)
    expect(JSON.stringify(world.lines)).not.toContain('"text"')
    await close()
  },
)

for (const [what, name] of [
  ['a read model', 'room-notes'],
  ['a replica', 'room-copies'],
] as const) {
  promise(title, `of ${what}`, async (kind) => {
    const { world, post, note, read, close } = await chat(kind)
    const write = name === 'room-notes' ? note : post
    await write('a', 'one')
    await world.settle()
    const reader = follow(await read(name))
    await write('b', 'two')
    await write('a', 'moved', 'r2')
    await world.settle()
    expect(reader.story).toBe('snapshot a · put b · remove a')
    await close()
  })
}

promise(title, 'the first snapshot holds the newest rows; a change of an older row is delivered too', async (kind) => {
  const { world, post, read, close } = await chat(kind, { newest: 2 })
  for (const id of ['c', 'a', 'b', 'd']) await post(id, 'x')
  const reader = follow(await read())
  await post('a', 'changed')
  await post('b', 'moved', 'r2')
  await post('a', 'moved', 'r2')
  await world.settle()
  expect(reader.story).toBe('snapshot c d · put a · remove a')
  await close()
})

promise(title, 'a reader that reconnects continues where it was, with each change exactly once', async (kind) => {
  const { world, post, take, read, close } = await chat(kind)
  await post('a', 'one')
  const reader = await read()
  const first = follow(reader)
  await post('b', 'two')
  await world.settle()
  reader.close()
  await post('c', 'three')
  await take('a')
  await post('b', 'moved', 'r2')
  await post('y', 'elsewhere', 'r2')
  const again = follow(await read('room-messages', { roomId: 'r1' }, first.items.at(-1)?.id), first.rows)
  await post('d', 'four')
  await world.settle()
  expect(again.story, 'no snapshot, and nothing of other rooms').toBe('put c · remove a · remove b · put d')
  expect([...again.rows.keys()]).toEqual(['c', 'd'])
  const atEnd = follow(await read('room-messages', { roomId: 'r1' }, again.items.at(-1)?.id))
  await world.advance(10)
  expect(atEnd.story, 'nothing was missed').toBe('')
  const ofSnapshot = follow(await read('room-messages', { roomId: 'r1' }, first.items[0]?.id))
  await world.advance(10)
  expect(ofSnapshot.story).toBe('put b · put c · remove a · remove b · put d')
  await close()
})

promise(
  title,
  'a reader that missed more than is kept, or brings an id from elsewhere, gets a snapshot',
  async (kind) => {
    const { world, post, read, close } = await chat(kind, { limits: { liveChangesKeptMax: 3 } })
    await post('a', 'one')
    const reader = await read()
    const first = follow(reader)
    await world.advance(0)
    const id = first.items[0]?.id ?? ''
    for (const text of ['1', '2', '3']) await post('a', text)
    await world.settle()
    const within = follow(await read('room-messages', { roomId: 'r1' }, id))
    await world.advance(0)
    expect(within.story).toBe('put a · put a · put a')
    await post('a', '4')
    await world.settle()
    for (const after of [
      id,
      '',
      'x',
      `${id}9`,
      `other${id}`,
      id.replace(/\.\d+$/, '.99'),
      '%.1.1',
      'x'.repeat(10_000),
    ]) {
      const beyond = follow(await read('room-messages', { roomId: 'r1' }, after))
      await world.advance(0)
      expect(beyond.story, after).toBe('snapshot a')
      expect(beyond.rows.get('a')).toMatchObject({ text: '4' })
    }
    const elsewhere = follow(await read('room-messages', { roomId: 'r2' }, first.items.at(-1)?.id))
    await world.advance(0)
    expect(elsewhere.story, 'the id of another room').toBe('snapshot')
    await world.restart()
    await read()
    for (const text of ['5', '6', '7', '8', '9']) await post('a', text)
    await world.settle()
    const restarted = follow(await read('room-messages', { roomId: 'r1' }, first.items.at(-1)?.id))
    await world.advance(0)
    expect(restarted.story, 'the id of another run').toBe('snapshot a')
    await close()
  },
)

promise(title, 'a view that nobody reads is kept for liveResumeMs, then released', async (kind) => {
  const { world, post, read, close } = await chat(kind, { limits: { liveResumeMs: 5_000 } })
  await post('a', 'one')
  const reader = await read()
  const first = follow(reader)
  await world.advance(0)
  reader.close()
  await world.advance(4_000)
  const second = await read('room-messages', { roomId: 'r1' }, first.items[0]?.id)
  const resumed = follow(second)
  await post('a', 'two')
  await world.advance(10_000)
  expect(resumed.story, 'it is read again, so it stays').toBe('put a')
  second.close()
  await world.advance(5_001)
  const late = follow(await read('room-messages', { roomId: 'r1' }, resumed.items[0]?.id))
  await world.advance(0)
  expect(late.story).toBe('snapshot a')
  await close()
})

promise(
  title,
  'a reader that does not take its items gets a snapshot, and its buffer is bounded [trap: stuck-reader]',
  async (kind) => {
    const { world, post, read, close } = await chat(kind, { limits: { liveBufferBytesMax: 2_000 } })
    const slow = await read()
    const quick = follow(await read())
    expect((await world.run(slow.next()))?.value).toMatchObject({ kind: 'snapshot', rows: [] })
    for (let number = 0; number < 40; number++) {
      await post(`m${number % 7}`, `${number} `.padEnd(200, 'x'))
      await world.advance(0)
      expect(slow.bytesWaiting).toBeLessThanOrEqual(2_000)
    }
    expect(quick.items).toHaveLength(41)
    const late = follow(slow)
    await world.settle()
    expect(late.story).toBe('snapshot m0 m1 m2 m3 m4 m5 m6')
    expect([...late.rows].sort()).toEqual([...quick.rows].sort())
    await post('m9', 'after')
    await world.settle()
    expect(late.items.at(-1)).toMatchObject({ kind: 'put', key: 'm9' })
    await close()
  },
)

promise(title, 'readers of the same rows share each item, which is made once', async (kind) => {
  const shown: string[] = []
  const { world, post, read, close } = await chat(kind, { onShow: (id) => shown.push(id) })
  await post('a', 'one')
  const readers = await Promise.all(Array.from({ length: 50 }, async () => follow(await read())))
  await post('b', 'two')
  await world.settle()
  const [first] = readers
  for (const { items } of readers) {
    expect(items).toHaveLength(2)
    expect(items[0]).toBe(first?.items[0])
    expect(items[1]).toBe(first?.items[1])
  }
  expect(shown).toEqual(['a', 'b'])
  await close()
})

promise(
  title,
  'more readers than liveReadersMax are refused, and a place that becomes free can be taken',
  async (kind) => {
    const { post, read, close } = await chat(kind, { limits: { liveReadersMax: 2 } })
    await post('a', 'one')
    const [first, second] = [await read(), await read('room-messages', { roomId: 'r2' })]
    await expect(read()).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('liveReadersMax'),
    })
    first.close()
    first.close()
    const third = await read()
    await expect(read()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    for (const reader of [second, third]) await reader.return()
    for (const room of ['r3', 'r4', 'r5', 'r6']) (await read('room-messages', { roomId: room })).close()
    await expect(read('room-messages', { roomId: 7 })).rejects.toMatchObject({ code: 'INVALID_PAYLOAD' })
    await expect(read('room-messages', { roomId: 'half \ud800' })).rejects.toMatchObject({ code: 'PAYLOAD_NOT_JSON' })
    await expect(read('room-messages', { roomId: 'secret' })).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(read('room-messages', { roomId: 'no index' })).rejects.toMatchObject({ code: 'NOT_DECLARED' })
    await expect(read('nothing')).rejects.toMatchObject({ code: 'UNKNOWN_LIVE_QUERY' })
    await read('room-messages', { roomId: 'secret' }, undefined, 'ada')
    await read('room-messages', { roomId: 'secret' }, undefined, 'ada')
    await close()
  },
)

promise(
  title,
  'the views kept for readers that may reconnect are bounded: the longest unread one is dropped first',
  async (kind) => {
    const { world, read, close } = await chat(kind, { limits: { liveReadersMax: 2 } })
    const places = new Map<string, string>()
    for (const roomId of ['r1', 'r2', 'r3']) {
      const reader = await read('room-messages', { roomId })
      places.set(roomId, (await world.run(reader.next()))?.value?.id ?? '')
      reader.close()
    }
    const stories: string[] = []
    for (const roomId of ['r3', 'r2', 'r1']) {
      const reader = await read('room-messages', { roomId }, places.get(roomId))
      const again = follow(reader)
      await world.advance(0)
      stories.push(again.story)
      reader.close()
    }
    expect(stories).toEqual(['', '', 'snapshot'])
    await close()
  },
)

promise(title, 'a view that has grown too large starts again, so that it stays bounded', async (kind) => {
  const { world, post, read, close } = await chat(kind, { limits: { liveChangesKeptMax: 2 }, newest: 3 })
  const reader = follow(await read())
  for (let number = 1; number <= 1_003; number++) await post(`m${number}`.padStart(6, '0'), 'x')
  await world.settle()
  expect(reader.items.filter(({ kind: what }) => what === 'snapshot')).toHaveLength(2)
  expect([...reader.rows.keys()]).toEqual(['0m1001', '0m1002', '0m1003'])
  await post('0m1004', 'x')
  await world.settle()
  expect(reader.items.at(-1)).toMatchObject({ kind: 'put', key: '0m1004' })
  await close()
})

promise(title, 'when a rebuild switches, every reader gets a snapshot of the new generation', async (kind) => {
  const { world, note, read, close } = await chat(kind)
  await note('a', 'one')
  await note('b', 'two')
  await world.settle()
  const reader = follow(await read('room-notes'))
  await world.advance(0)
  const id = reader.items[0]?.id
  await world.run(world.system.service('rooms').rebuild('notes'))
  await world.settle()
  expect(reader.story).toBe('snapshot a b · snapshot a b')
  await note('c', 'three')
  await world.settle()
  expect(reader.story).toBe('snapshot a b · snapshot a b · put c')
  const again = follow(await read('room-notes', { roomId: 'r1' }, id))
  await world.advance(0)
  expect(again.story, 'a place of before the switch is none any more').toBe('snapshot a b c')
  await close()
})

promise(title, 'closing the service ends every reader and refuses new ones', async (kind) => {
  const { world, post, read, close } = await chat(kind)
  await post('a', 'one')
  const reader = follow(await read())
  const idle = await read()
  const rooms = world.system.service('rooms')
  await world.run(rooms.close())
  await reader.ended
  expect(await idle.next()).toEqual({ done: true, value: undefined })
  await expect(rooms.live('room-messages', { roomId: 'r1' })).rejects.toMatchObject({ code: 'CLOSED' })
  await close()
})
