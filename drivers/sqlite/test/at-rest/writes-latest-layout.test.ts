// What the code of today writes has the names at rest of the latest layout: tables, keys, fields, states. Where this is red, names at rest have
// changed: give the old ones back, or write a migration, and a folder of the new layout beside the others.

import path from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../test-engine.ts'
import { copyOf, layouts } from './open-copy.ts'
import { linesOf } from './read-folder.ts'
import { writeFolder } from './write-folder.ts'

/** Optional members of documents that are younger than the layout. The builds of the layout that do not know them keep them as they are. */
const added: readonly RegExp[] = [/,"recent":\[\[.*?\]\]/g]

/** Records of deliveries are rows once there are enough of them; until then they are members of the checkpoint, so these rows may be missing. */
const isOfDeliveries = (line: string) => line.startsWith('tidings.deliveries ') && line.endsWith(' at,positions,micros')

/** The lines without those of tables that have no row: a table comes into the file with its first one. */
function withoutEmpty(lines: readonly string[]): readonly string[] {
  const names = lines.flatMap((line) => /^tidings_tables \{"name":"([^"]+)"/.exec(line)?.[1] ?? [])
  const empty = names.filter((name) => !lines.some((line) => line.startsWith(`${name} {`)))
  const begins = empty.flatMap((name) => [
    ...[`table ${name}:`, `index ${name}/`, `index sqlite_autoindex_${name}_`],
    `tidings_tables {"name":"${name}"`,
  ])
  return lines.filter((line) => !begins.some((begin) => line.startsWith(begin)))
}

/** What has a name at rest. */
function named(folder: string, service: string): readonly string[] {
  const lines = linesOf(folder, service).filter((line) => !isOfDeliveries(line))
  return withoutEmpty(lines).map(withoutAdded)
}

const withoutAdded = (line: string) => added.reduce((text, member) => text.replaceAll(member, ''), line)

test('the code of today keeps everything under the names of the latest layout', async () => {
  const written = path.join(temporaryFolder(), 'data')
  const tokens = await writeFolder(written)
  expect(tokens).toEqual({
    beforeRestore: expect.stringMatching(/^1:library:[^:]+:18:5$/),
    afterRestore: expect.stringMatching(/^1:library:[^:]+:23:5$/),
  })
  const kept = copyOf(layouts.at(-1) ?? '')
  for (const service of ['library', 'desk', 'press', 'lab'])
    expect(named(written, service)).toEqual(named(kept, service))
})
