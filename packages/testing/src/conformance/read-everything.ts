// Reads a log or a broker's history to its end, page by page, and checks each page on the way.

import assert from 'node:assert/strict'
import type { LoggedEvent } from 'tidings'
import type { LogPage, LogRequest } from 'tidings/ports'

/** Every event that is read by going on from `next` until the head. */
export async function readEverything(
  read: (request: LogRequest) => LogPage | Promise<LogPage>,
  limit: number,
  types?: readonly string[],
): Promise<LoggedEvent[]> {
  const found: LoggedEvent[] = []
  let after = ''
  for (;;) {
    const page = await read({ after, limit, ...(types === undefined ? {} : { types }) })
    assert.ok(page.events.length <= limit, `a page has at most ${limit} events`)
    for (const { position } of page.events) {
      assert.ok(after < position && position <= page.next, 'events of a page lie behind `after` and up to `next`')
    }
    found.push(...page.events)
    if (page.next >= page.head) return found
    assert.ok(page.next > after, 'a page that is not the last one moves on, also where nothing matched')
    after = page.next
  }
}
