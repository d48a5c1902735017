// The mutations of the repository, by name: every file two folders down in mutations/ is one, and its path is its name.
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Mutation } from '../../mutations/mutation.ts'
import { root } from '../rules/repository.ts'

/** A mutation and its name: `delivery/fence`. */
export interface NamedMutation extends Mutation {
  readonly name: string
}

const folder = path.join(root, 'mutations')

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .map((file) => file.split(path.sep).join('/'))
  .filter((file) => /^[^/]+\/[^/]+\.ts$/.test(file))
  .sort()

const load = async (file: string): Promise<NamedMutation> => {
  const { mutation } = (await import(pathToFileURL(path.join(folder, file)).href)) as { mutation?: Mutation }
  if (mutation === undefined) throw new Error(`mutations/${file} exports no mutation.`)
  return { ...mutation, name: file.slice(0, -'.ts'.length) }
}

/** Every mutation, in the order of their names. */
export const mutations: readonly NamedMutation[] = await Promise.all(files.map(load))
