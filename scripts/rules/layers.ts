// Which folder may import from which, as data: the layers of each folder that is divided, from the lowest up.
// Invariant: a folder imports from itself and from layers below its own, so imports never go upwards or in a circle.
import { resolveRelative } from './import-graph.ts'

/**
 * The layers of each divided folder, from the lowest up. Folders of one layer do not import each other. A file that lies directly in the
 * divided folder (`index.ts`) may import every layer, and no layer may import it.
 */
export const layers: Readonly<Record<string, readonly (readonly string[])[]>> = {
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
    ['schedule', 'outbox', 'leases'],
    ['contexts'],
    ['delivery-readers', 'commands'],
    ['delivery'],
    ['process-managers'],
    ['handlers'],
    ['subscriptions'],
    ['queries', 'rebuild'],
    ['live'],
    ['service'],
    ['system'],
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
  'drivers/postgres/src': [['database', 'local'], ['event-log'], ['rights'], ['broker'], ['store']],
  'drivers/sqlite/src': [['database'], ['event-log', 'wal-checkpoints', 'backup'], ['broker'], ['store']],
}

/** Folders that no other folder may import, whatever their layer. */
const closed: readonly string[] = ['packages/tidings/src/memory', 'packages/tidings/src/opentelemetry']

const folderIn = (parent: string, file: string): string => {
  const rest = file.slice(parent.length + 1).split('/')
  return rest.length > 1 ? (rest[0] ?? '') : ''
}

const checkFolder = (parent: string, layersOf: readonly (readonly string[])[], from: string, into: string) => {
  if (from === '' || from === into) return undefined
  const layer = layersOf.findIndex((each) => each.includes(from))
  if (layer < 0) return `the folder ${from}/ has no place in the layers of ${parent}; give it one in layers.ts.`
  const open = layersOf
    .slice(0, layer)
    .flat()
    .filter((folder) => !closed.includes(`${parent}/${folder}`))
  if (open.includes(into)) return undefined
  return `${from}/ may import ${open.length > 0 ? open.join(', ') : 'nothing'} and itself, not ${into || 'the entry'}.`
}

/** What is wrong with an import from one folder into another; `undefined` if nothing is. */
export const checkLayers = (file: string, specifier: string): string | undefined => {
  const target = resolveRelative(file, specifier)
  if (target === undefined) return undefined
  for (const [parent, layersOf] of Object.entries(layers)) {
    if (!file.startsWith(`${parent}/`) || !target.startsWith(`${parent}/`)) continue
    const message = checkFolder(parent, layersOf, folderIn(parent, file), folderIn(parent, target))
    if (message !== undefined) return message
  }
  return undefined
}
