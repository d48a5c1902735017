// The functions that used the most time of a CPU profile, each without the functions it called.

import { readFileSync } from 'node:fs'
import path from 'node:path'

interface ProfileNode {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
}

interface Profile {
  readonly nodes: readonly ProfileNode[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** The lines of a summary: share of the busy time, function, file and line. */
export function summarizeProfile(file: string, count = 25): readonly string[] {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, 'utf8')) as Profile
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const micros = new Map<string, number>()
  let busy = 0
  for (const [index, id] of samples.entries()) {
    const name = names.get(id) ?? ''
    const delta = timeDeltas[index] ?? 0
    if (name === '(idle)' || name === '(program)') continue
    busy += delta
    micros.set(name, (micros.get(name) ?? 0) + delta)
  }
  return [...micros]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([name, spent]) => `${((spent / busy) * 100).toFixed(1).padStart(5)} %  ${name}`)
}

function nameOf({ functionName, url, lineNumber }: ProfileNode['callFrame']): string {
  const name = functionName === '' ? '(anonymous)' : functionName
  if (url === '' || url.startsWith('node:')) return url === '' ? name : `${name}  ${url}`
  const parts = url.split('/')
  return `${name}  ${path.posix.join(...parts.slice(-3))}:${lineNumber + 1}`
}
