// Where the files of web pages stand and under which path each folder is seen. Checked once, at the start.

import { statSync } from 'node:fs'
import path from 'node:path'
import { TidingsError } from 'tidings'

/** A folder whose files a browser may read, below a path of the HTTP API. */
export interface PageFolder {
  /** Where the folder is seen: `/`, or a path such as `/vendor/htm`. */
  readonly path: string
  /** The folder, as an absolute path. */
  readonly folder: string
}

/** What `http.pages` may be: one folder seen at `/`, or several. */
export type Pages = string | readonly PageFolder[]

const pathForm = /^\/(?:[A-Za-z0-9_-]+(?:\/[A-Za-z0-9_-]+)*)?$/

/** The folders of pages, those of longer paths first; throws `CONFIG_INVALID` where one is not there or not absolute. */
export function pageFolders(pages: Pages = []): readonly PageFolder[] {
  const folders = typeof pages === 'string' ? [{ path: '/', folder: pages }] : pages
  for (const { path: seenAt, folder } of folders) {
    if (!pathForm.test(seenAt)) throw invalid(`${JSON.stringify(seenAt)} is no path such as "/" or "/vendor".`)
    // A relative one would depend on where the process was started, and might hold anything.
    if (!path.isAbsolute(folder)) throw invalid(`The folder ${folder} is not absolute.`)
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw invalid(`There is no folder ${folder}.`)
  }
  if (new Set(folders.map((each) => each.path)).size < folders.length) throw invalid('Two folders have one path.')
  return folders.toSorted((a, b) => b.path.length - a.path.length)
}

function invalid(message: string): TidingsError {
  return new TidingsError('CONFIG_INVALID', `http.pages: ${message}`, {
    hint: "Name each folder by an absolute path: path.join(import.meta.dirname, 'page').",
  })
}
