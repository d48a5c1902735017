// Documents use the words of the glossary in docs/README.md and none of the words that it replaced. Code and links may still name
// identifiers. Decisions, changesets and the changelog are history, so they are not checked.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { listFiles, root } from '../rules/repository.ts'

const history = /^(docs\/decisions|\.changeset)\/|^CHANGELOG\.md$/

/** Replaced words, in one sense or in every sense: a dead letter is fine, and so are letters and digits, and an HTTP feed. */
const replaced = new RegExp(
  `\\b(?:${[
    'lanes?',
    'doors?|doorbells?|bells?|notifiers?',
    'agendas?|schedulers?',
    'held (?:events?|keys?|lists?)|what is held',
    '(?<!dead[- ])letters?(?! (?:and|or) digits)',
    'suspects?|witness(?:es)?',
    'floors?|pictures?|hubs?',
    '(?<!http )feeds?',
    'deeds?|passages?|chapters?|stumbles?',
    'mend(?:s|ed|ing)?',
    'whoever',
  ].join('|')})\\b`,
  'gi',
)

/** A document in one line, without its code and its links' targets. */
const proseOf = (text: string): string =>
  text
    .replaceAll(/^```[\s\S]*?^```$/gm, '')
    .replaceAll(/`[^`\n]*`/g, '')
    .replaceAll(/\]\([^)]*\)/g, ']')
    .replaceAll(/\s+/g, ' ')

const foundIn = (text: string): readonly string[] => proseOf(text).match(replaced) ?? []

test.each(listFiles().filter((file) => file.endsWith('.md') && !history.test(file)))(
  '%s uses no replaced word',
  (file) => {
    expect(foundIn(readFileSync(path.join(root, file), 'utf8'))).toEqual([])
  },
)

test('a replaced word is found in prose, not in code', () => {
  expect(foundIn('Two lanes; `lane: x`, [a](doors.md)\n```ts\nlane\n```\n')).toEqual(['lanes'])
  expect(foundIn('A held\nevent is mended.')).toEqual(['held event', 'mended'])
})

test('a word that has another sense is found in the replaced sense alone', () => {
  expect(foundIn('Dead\nletters, letters and digits, an HTTP feed. A letter of a feed.')).toEqual(['letter', 'feed'])
})
