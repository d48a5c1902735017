// Documents use the words of the glossary in docs/README.md and none of the words that it replaced. Code and links may still name
// identifiers. Decisions, changesets and the changelog are history, and docs/reference repeats the source, so they are not checked.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { listFiles, root } from '../rules/repository.ts'

const elsewhere = /^(docs\/decisions|docs\/reference|\.changeset)\/|^(ARCHITECTURE|CHANGELOG)\.md$/
const replaced = /\b(lanes?|doors?|agendas?|doorbells?|notifiers?|suspects?|deeds?|stumbles?|whoever|held events?)\b/gi

/** A document without its code and its links' targets. */
const proseOf = (text: string): string =>
  text
    .replaceAll(/^```[\s\S]*?^```$/gm, '')
    .replaceAll(/`[^`\n]*`/g, '')
    .replaceAll(/\]\([^)]*\)/g, ']')

test.each(listFiles().filter((file) => file.endsWith('.md') && !elsewhere.test(file)))(
  '%s uses no replaced word',
  (file) => {
    const prose = proseOf(readFileSync(path.join(root, file), 'utf8'))
    expect([...prose.matchAll(replaced)].map(([word]) => word)).toEqual([])
  },
)

test('a replaced word is found in prose, not in code', () => {
  expect('Two lanes; `lane: x`'.match(replaced)).toEqual(['lanes', 'lane'])
  expect(proseOf('Two lanes; `lane: x`, [a](doors.md)\n```ts\nlane\n```\n').match(replaced)).toEqual(['lanes'])
})
