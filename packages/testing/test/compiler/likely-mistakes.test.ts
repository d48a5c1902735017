// What the compiler says to the likely mistakes of a user: each message names the thing and what to write instead.
import { expect, test } from 'vitest'
import { openFile } from './diagnose.ts'

const file = openFile('packages/testing/test/compiler/likely-mistakes.ts.txt')

/** For each mistake, what its message has to contain. */
const messages: Readonly<Record<string, readonly string[]>> = {
  'wrong payload': ["Type 'number' is not assignable to type 'string'", "property 'isbn'"],
  'missing member of a payload': ["Property 'isbn' is missing in type '{}'"],
  'undeclared event of the same shape': ['"library.book-returned"', 'add it to the `publishes` of this function'],
  'undeclared event of another shape': ['"library.reader-fined"', 'add it to the `publishes` of this function'],
  'undeclared retraction': ['"library.book-returned"', 'add it to the `publishes` of this function'],
  'undeclared command': ['"lend"', 'add it to the `executes` of this function'],
  'undeclared effect': ['"send-letter"', 'add it to the `requests` of this function'],
  'forgotten await': ["Property 'shelf' does not exist on type 'Promise<"],
  'wrong index': ['"shelv"', '"shelf"', "add .index('…') with this field to table books"],
  'wrong index of a page': ['"isbn"', '"shelf"', "add .index('…') with this field to table books"],
  'wrong index in where': ['"shelf"', "add .index('isbn') to table books"],
  'wrong index of a replica': ['"city"', 'add this field to the indexes of replica readers'],
  'wrong index in where of a replica': ['"city"', "add 'name' to the indexes of replica readers"],
  'table without an index': ["add .index('…') with this field to table notes"],
  'forgotten output': ["Type 'void' is not assignable", 'command borrow has an output: return it'],
  'forgotten output in a function with options': [
    "Type 'void' is not assignable",
    'command borrow has an output: return it',
  ],
  'wrong output': ["Type 'string' is not assignable to type 'number'"],
  'event that the service does not publish': ['"library.book-lost"', 'add it to the `publishes` of the service'],
  'undeclared event in a handler without options': ['"library.book-returned"', 'the `publishes` of this function'],
  'undeclared lookup': ['"readers"', 'add it to the `lookups` of this function'],
  'event without a key': ['library.book-found', 'an event without a key: finish it with .key((data) => …)'],
  'handler of an event without a key': ['library.book-found', 'finish it with .key((data) => …)'],
  'table without a key': ['a table without a key: finish it with .key((row) => …)'],
  'read model without a key': ['a table without a key: finish it with .key((row) => …)'],
  'handler without its function': ['the function is missing: it comes after the options'],
  'retraction without its function': ['the function is missing: it comes after the options'],
  'command without its function': ['the function is missing: it comes after the options'],
  'timer without its function': ['the function is missing: it comes after the options'],
  'missing option': ["Property 'owner' is missing", 'QueryOptions'],
  "missing member of an effect's handler": ["Property 'perform' is missing"],
  'version that does not follow': ["'2'", 'NextVersionIs<1>'],
  'skipped version of an event': ["'3'", 'NextVersionIs<2>'],
  'the same version of an event twice': ["'2'", 'NextVersionIs<3>'],
  'skipped version of a table': ["'3'", 'NextVersionIs<2>'],
  'skipped version of a fact': ["'3'", 'NextVersionIs<2>'],
  'skipped version of a timer': ["'3'", 'NextVersionIs<2>'],
  'skipped version of an effect': ["'3'", 'NextVersionIs<2>'],
  'decider without a function for a command': ["Property 'Lend' is missing"],
  'client asks what is internal': [
    "loans is internal and has no endpoint. Add `expose: true` to defineQuery('loans', …).",
  ],
  'client sends what is not listed': [
    'give-back is not among the contracts of this service',
    'List the function that handles it',
  ],
  'client sends a query': ['loans is a query: ask it with .query(…)'],
  'client asks a command': ['borrow is a command: send it with .command(…)'],
  'client lives on a query': ['loans is a query: ask it with .query(…)'],
}

test('every mistake is in the list', () => {
  expect(file.mistakes).toEqual(Object.keys(messages))
})

test.each(Object.entries(messages))('the compiler says what is wrong and what to write: %s', (mistake, parts) => {
  const said = file.errorAfter(mistake)
  expect(said).toBeDefined()
  for (const part of parts) expect(said).toContain(part)
})

test('an editor shows a handler by names: of its event, of what it publishes and of what it looks up', () => {
  const { hover } = openFile('examples/shop/services/support/open-case.ts')
  const shown = hover('support.on')
  for (const name of ['"shop.review-submitted"', '"shop.support-case-opened"', '"review-text"'])
    expect(shown).toContain(name)
  expect(shown.replaceAll(/\s+/g, ' ').length).toBeLessThan(800)
  expect(hover('openCase').replaceAll(/\s+/g, ' ')).toBe(
    'const openCase: HandlerDeclaration<EventContract<EventOf<"shop.review-submitted", { reviewId: string; orderId: string; score: number; }>>>',
  )
})
