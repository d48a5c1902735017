// Remembers which mutations made their test fail, by fingerprint. Invariant: a mutation that has changed since counts as not tried.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from '../rules/repository.ts'
import { fingerprintOf } from './apply-mutation.ts'
import type { NamedMutation } from './load-mutations.ts'

const file = path.join(root, 'mutations', 'seen-red.json')

const read = (): Readonly<Record<string, string>> => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {})

/** Whether a mutation, as it is now, has made its test fail. */
export const wasSeenRed = (mutation: NamedMutation): boolean => read()[mutation.name] === fingerprintOf(mutation)

/** Saves which mutations made their test fail and which did not. Entries that are no longer among `all` are dropped. */
export const noteRed = (
  all: readonly NamedMutation[],
  red: readonly NamedMutation[],
  notRed: readonly NamedMutation[],
) => {
  const known = read()
  const entries = all.flatMap((mutation): [string, string][] => {
    if (red.includes(mutation)) return [[mutation.name, fingerprintOf(mutation)]]
    const before = known[mutation.name]
    return before === undefined || notRed.includes(mutation) ? [] : [[mutation.name, before]]
  })
  const text = `${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text)
}
