// Which folder may import from which, as data. A folder that is divided into rooms lists them in floors, from the foundation up.
// Invariant: a room imports from itself and from floors below its own, so no arrow points upwards and no rooms form a circle.
import { resolveRelative } from './import-graph.ts'

/**
 * The rooms of each divided folder, floor by floor. Rooms of one floor do not import each other. A file that lies directly in the divided
 * folder (`index.ts`) may import every room, and no room may import it.
 */
export const rooms: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'packages/tidings/src': [
    ['errors'],
    ['contracts'],
    ['services'],
    ['ports'],
    ['runtime', 'memory', 'opentelemetry'],
    ['operations'],
  ],
  'packages/tidings/src/runtime': [
    ['concurrency', 'failures'],
    ['unit-of-work'],
    ['tables'],
    ['streams'],
    ['core'],
    ['schedule', 'outbox'],
    ['contexts'],
    ['delivery-readers', 'commands'],
    ['delivery'],
    ['process-managers'],
    ['handlers'],
    ['subscriptions'],
    ['queries', 'rebuild'],
    ['live'],
    ['service'],
  ],
  'packages/testing/src': [['expectations', 'world'], ['session'], ['given', 'simulation', 'conformance', 'rig']],
  'packages/testing/src/conformance': [['suite'], ['fixtures'], ['broker', 'store']],
  'packages/testing/src/simulation': [
    ['random'],
    ['engines', 'system'],
    ['instrumentation', 'faults', 'workload'],
    ['schedule', 'evidence', 'definition'],
    ['checkers'],
    ['run'],
    ['search'],
    ['report'],
  ],
  'drivers/sqlite/src': [['database'], ['event-log', 'wal-checkpoints', 'backup'], ['broker'], ['store']],
}

/** Rooms that no other room may import, whatever its floor. */
const closed: readonly string[] = ['packages/tidings/src/memory', 'packages/tidings/src/opentelemetry']

const roomOf = (hall: string, file: string): string => {
  const rest = file.slice(hall.length + 1).split('/')
  return rest.length > 1 ? (rest[0] ?? '') : ''
}

const checkHall = (hall: string, floors: readonly (readonly string[])[], from: string, into: string) => {
  if (from === '' || from === into) return undefined
  const floor = floors.findIndex((each) => each.includes(from))
  if (floor < 0) return `the folder ${from}/ has no place in the layers of ${hall}; give it one in rooms.ts.`
  const open = floors
    .slice(0, floor)
    .flat()
    .filter((room) => !closed.includes(`${hall}/${room}`))
  if (open.includes(into)) return undefined
  return `${from}/ may import ${open.length > 0 ? open.join(', ') : 'nothing'} and itself, not ${into || 'the entry'}.`
}

/** What is wrong with an import from one room into another; `undefined` if nothing is. */
export const checkRooms = (file: string, specifier: string): string | undefined => {
  const target = resolveRelative(file, specifier)
  if (target === undefined) return undefined
  for (const [hall, floors] of Object.entries(rooms)) {
    if (!file.startsWith(`${hall}/`) || !target.startsWith(`${hall}/`)) continue
    const message = checkHall(hall, floors, roomOf(hall, file), roomOf(hall, target))
    if (message !== undefined) return message
  }
  return undefined
}
