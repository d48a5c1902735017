// The names in a text, and which nicks are bots.
import { expect, test } from 'vitest'
import { isBot, mentionsIn, namesIn } from '../services/threads/linking/names.ts'

const known = new Set(['ann', 'bob_', 'guest__', 'thor'])

test.each<[string, string | undefined, readonly string[], string]>([
  ['ann: try it', 'ann', [], 'try it'],
  ['Ann, try it', 'ann', [], 'try it'],
  ['@ann try it', 'ann', [], 'try it'],
  ['ann : try it', 'ann', [], 'try it'],
  ['ann try it', 'ann', [], 'try it'],
  ['thor.. i did', 'thor', [], 'i did'],
  ['guest__', 'guest__', [], ''],
  ['gues: hi', 'guest__', [], 'hi'],
  ['zoe: hi', 'zoe', [], 'hi'],
  ['!info top | ann', 'ann', [], '!info top | ann'],
  ['tell ann and Thor, please', undefined, ['ann', 'thor'], 'tell ann and Thor, please'],
  ['bob_: ask thor', 'bob_', ['thor'], 'ask thor'],
  ['ok, then', undefined, [], 'ok, then'],
  ['http://example.net', undefined, [], 'http://example.net'],
  ['annual: no', 'annual', [], 'no'],
  ["don't", undefined, [], "don't"],
  ['12:30 is fine', undefined, [], '12:30 is fine'],
])('%j', (text, to, mentioned, rest) => {
  expect(namesIn(text, known)).toEqual({ to, mentioned, rest })
})

test('an action addresses nobody', () => {
  expect(mentionsIn('ann waves at thor', known)).toMatchObject({ to: undefined, mentioned: ['ann', 'thor'] })
})

test('nicks of bots', () => {
  expect(['ubottu', 'ubotu', 'lubotu3', 'FloodBot1', 'somebot_'].filter((nick) => !isBot(nick))).toEqual([])
  expect(['ubuntu', 'bottle', 'robothead', 'ann'].filter(isBot)).toEqual([])
})
