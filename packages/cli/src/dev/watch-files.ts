// Watches files for changes. Editors replace files instead of writing into them, so their folders are watched.
// Invariant: changes that come close together are reported together, once.

import { type FSWatcher, watch } from 'node:fs'
import path from 'node:path'

/** A watch over files. */
export interface FileWatch {
  /** Watches more files. */
  add(files: readonly string[]): void
  /** How many files are watched. */
  readonly count: number
  close(): void
}

/** How long after the first change it reports, in milliseconds: editors and formatters write several times. */
const gatherMs = 60

/** Starts a watch without any file; `changed` gets the absolute paths. */
export function watchFiles(changed: (files: readonly string[]) => void): FileWatch {
  const files = new Set<string>()
  const folders = new Map<string, FSWatcher>()
  let gathered = new Set<string>()
  let timer: NodeJS.Timeout | undefined

  const report = () => {
    timer = undefined
    const reported = [...gathered]
    gathered = new Set()
    changed(reported)
  }
  const note = (file: string) => {
    if (!files.has(file)) return
    gathered.add(file)
    timer ??= setTimeout(report, gatherMs)
  }
  return {
    add: (more) => {
      for (const file of more) {
        files.add(file)
        const folder = path.dirname(file)
        if (folders.has(folder)) continue
        const watcher = watch(folder, (_event, name) => {
          if (name !== null) note(path.join(folder, name))
        })
        // If the folder is removed, its watch ends.
        watcher.on('error', () => {
          watcher.close()
          folders.delete(folder)
        })
        folders.set(folder, watcher)
      }
    },
    get count() {
      return files.size
    },
    close: () => {
      clearTimeout(timer)
      for (const watcher of folders.values()) watcher.close()
    },
  }
}
