// The folders of web pages, and the path that each is served at. Checked once, at the start.

import { statSync } from 'node:fs'
import path from 'node:path'
import { TidingsError } from 'tidings'

/** A folder whose files are served below a path. */
export interface PageFolder {
  /** The path that the folder is served at: `/`, or a path such as `/vendor/htm`. */
  readonly path: string
  /** The folder, as an absolute path. */
  readonly folder: string
}

/** The value of `http.pages`: one folder, served at `/`, or a list. */
export type Pages = string | readonly PageFolder[]

const pathForm = /^\/(?:[A-Za-z0-9_-]+(?:\/[A-Za-z0-9_-]+)*)?$/

/** The folders of pages, those with longer paths first; throws `CONFIG_INVALID` if one does not exist or is not absolute. */
export function pageFolders(pages: Pages = []): readonly PageFolder[] {
  const folders = typeof pages === 'string' ? [{ path: '/', folder: pages }] : pages
  for (const { path: servedAt, folder } of folders) {
    if (!pathForm.test(servedAt)) throw invalid(`${JSON.stringify(servedAt)} is not a path such as "/" or "/vendor".`)
    // A relative path would depend on where the process was started, and could mean any folder.
    if (!path.isAbsolute(folder)) throw invalid(`The folder ${folder} is not an absolute path.`)
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw invalid(`There is no folder ${folder}.`)
  }
  if (new Set(folders.map((each) => each.path)).size < folders.length) throw invalid('Two folders have the same path.')
  return folders.toSorted((a, b) => b.path.length - a.path.length)
}

function invalid(message: string): TidingsError {
  return new TidingsError('CONFIG_INVALID', `http.pages: ${message}`, {
    hint: "Name each folder by an absolute path: path.join(import.meta.dirname, 'page').",
  })
}
