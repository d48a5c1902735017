// The linker on small conversations; each line says which one it answers.
import { describe, expect, test } from 'vitest'
import { linkMessage } from '../services/threads/linking/link-message.ts'
import { emptyMemory, type Memory, memoryLengthMax, messagesMax } from '../services/threads/linking/memory.ts'
import { weights } from '../services/threads/linking/weights.ts'

type Line = readonly [minute: number, author: string, text: string, answers?: number]

const heard = ([minute, author, text]: Line, place: number) => ({
  messageId: `m${place}`,
  author,
  text,
  at: Date.UTC(2010, 7, 17, 10, minute),
  action: false,
})

function answersIn(lines: readonly Line[]): readonly (string | undefined)[] {
  let memory: Memory = emptyMemory
  return lines.map((line, place) => {
    const linked = linkMessage(memory, heard(line, place))
    memory = linked.memory
    return linked.answers
  })
}

const conversations: Record<string, readonly Line[]> = {
  'a question is answered': [
    [0, 'ann', 'how do i mount a disk?'],
    [0, 'bob', 'ann: with sudo mount /dev/sda1 /mnt', 0],
    [1, 'ann', 'thanks', 1],
  ],
  'two conversations at once are kept apart by names': [
    [0, 'ann', 'how do i mount a disk?'],
    [0, 'cem', 'anyone know why my sound is gone?'],
    [1, 'bob', 'ann: look at fstab', 0],
    [1, 'dee', 'cem: is it muted?', 1],
    [2, 'ann', 'bob: there is nothing in it', 2],
    [2, 'cem', 'dee: no', 3],
  ],
  'a speaker continues': [
    [0, 'ann', 'i have a strange problem'],
    [0, 'ann', 'the screen stays black', 0],
    [1, 'bob', 'ann: which card is it?', 1],
  ],
  'a speaker continues after somebody else has spoken': [
    [0, 'ann', 'how do i mount a disk?'],
    [0, 'cem', 'anyone know why my sound is gone?'],
    [1, 'ann', 'it is a new one', 0],
  ],
  'a shortened name, and a name that is only mentioned': [
    [0, 'pike_79', 'is there a way to shrink a partition?'],
    [0, 'cem', 'where do i find the sound settings?'],
    [1, 'bob', 'pike: gparted', 0],
    [1, 'dee', 'what cem wants is in the menu', 1],
  ],
  'a bot answers a call, and the caller continues': [
    [0, 'ann', 'hola, alguien habla español?'],
    [0, 'bob', '!es | ann', 0],
    [0, 'ubottu', 'ann: En este canal se habla inglés.', 1],
  ],
  'a greeting and a new question start conversations': [
    [0, 'ann', 'how do i mount a disk?'],
    [1, 'bob', 'ann: look at fstab', 0],
    [5, 'cem', 'hello'],
    [9, 'dee', 'anyone know how to get dsniff to work?'],
  ],
}

describe('conversations', () => {
  test.each(Object.entries(conversations))('%s', (_, lines) => {
    const expected = lines.map(([, , , answers]) => (answers === undefined ? undefined : `m${answers}`))
    expect(answersIn(lines)).toEqual(expected)
  })

  test('shared words distinguish two questions of one person', () => {
    const lines: readonly Line[] = [
      [0, 'ann', 'why is my wireless card not found?'],
      [0, 'cem', 'is there a printer driver for lexmark?'],
      [1, 'bob', 'lexmark has a printer driver on its page', 1],
      [2, 'dee', 'some wireless card drivers need firmware', 0],
    ]
    expect(answersIn(lines).slice(2)).toEqual(['m1', 'm0'])
  })

  test('an action mentions names and addresses nobody', () => {
    const { memory } = linkMessage(emptyMemory, heard([0, 'ann', 'hi'], 0))
    const linked = linkMessage(memory, { ...heard([0, 'bob', 'ann is welcomed'], 1), action: true })
    expect(linked.memory.messages[1]).not.toHaveProperty('to')
    expect(linked.answers).toBe('m0')
  })

  test('weights are passed in', () => {
    const lines: readonly Line[] = [
      [0, 'ann', 'how do i mount a disk?'],
      [0, 'bob', 'ann: with mount'],
    ]
    const { memory } = linkMessage(emptyMemory, heard(lines[0] as Line, 0))
    expect(linkMessage(memory, heard(lines[1] as Line, 1), { ...weights, start: 100 }).answers).toBeUndefined()
  })
})

describe('memory', () => {
  const longTalk = (count: number, text: string): Memory => {
    let memory: Memory = emptyMemory
    for (let place = 0; place < count; place++) {
      memory = linkMessage(memory, heard([place % 60, `nick${place % 7}`, `${text} ${place}`], place)).memory
    }
    return memory
  }

  test('has only the latest messages', () => {
    const { messages } = longTalk(messagesMax + 25, 'short')
    expect(messages.map(({ id }) => id)).toEqual(Array.from({ length: messagesMax }, (_, place) => `m${place + 25}`))
  })

  test('is never longer than its limit', () => {
    const words = Array.from({ length: 400 }, (_, place) => `\u{1d4d0}${place}telling${'x'.repeat(place % 30)}`).join(
      ' ',
    )
    for (const text of [words, '"\\"\\'.repeat(500), '\u0000'.repeat(4000), 'a'.repeat(100_000)]) {
      const memory = longTalk(120, text)
      expect(JSON.stringify(memory).length).toBeLessThanOrEqual(memoryLengthMax)
      expect(memory.messages.length).toBeGreaterThan(40)
    }
    const longId = linkMessage(longTalk(100, 'short'), { ...heard([0, 'ann', 'hi'], 0), messageId: 'x'.repeat(20_000) })
    expect(longId.memory.messages).toEqual([])
  })

  test('a hostile text is linked quickly', () => {
    const { memory } = linkMessage(emptyMemory, heard([0, 'ann', 'hi'], 0))
    const started = performance.now()
    for (const text of ['.,', '"', '] ', '! |', '?)', 'anyone ', "i've ", 'a-', ':']) {
      const line = heard([0, 'bob', `${text.repeat(100_000)}a`], 1)
      linkMessage(memory, line)
      linkMessage(memory, { ...line, action: true })
    }
    expect(performance.now() - started).toBeLessThan(5000)
  })

  test('is plain JSON, is not changed in place, and gives the same result again', () => {
    const before = longTalk(90, 'is the wireless card found?')
    const text = JSON.stringify(before)
    const line = heard([30, 'nick3', 'nick2: it is found, thanks'], 90)
    const linked = linkMessage(before, line)
    expect(JSON.stringify(before)).toBe(text)
    expect(linkMessage(JSON.parse(text), line)).toEqual(linked)
    expect(JSON.parse(JSON.stringify(linked.memory))).toEqual(linked.memory)
    expect(linked.answers).toMatch(/^m8[0-9]$/)
  })
})
