// The name of this process among those that share the stores of its services: given, or made of host, data folder and a number.
// Invariant: of the processes of one machine that run now, no two of one service are given the same number in a data folder, whoever starts or dies when.

import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import path from 'node:path'
import { TidingsError } from 'tidings'
import { checkInstance } from '../config/check-config.ts'
import type { Config } from '../config/config.ts'
import { isAlive } from '../control/run-file.ts'

/** The environment variable that names an instance. */
const variable = 'TIDINGS_INSTANCE'
/** The most processes of one service on one machine that get a number. */
const numberMax = 1_000

/** Who needs a name. */
export interface InstanceNeed {
  /** The name that was passed to the start. */
  readonly given: string | undefined
  /** The data folder, as an absolute path. */
  readonly directory: string
  /** The services in the process. */
  readonly services: readonly string[]
}

/** The name of an instance. */
export interface InstanceChoice {
  /** The name, or what makes one: only if a store is shared is a number claimed. */
  readonly name: string | (() => string)
  /** Frees the number, if one was claimed. Safe to call twice. */
  release(): void
}

/** Chooses the name of this process. Throws `CONFIG_INVALID` if one was given that is not a name. */
export function instanceOf(config: Config, { given, directory, services }: InstanceNeed): InstanceChoice {
  const fromVariable = process.env[variable]
  let claimed: string | undefined
  const release = () => {
    if (claimed === undefined) return
    claims.delete(claimed)
    rmSync(claimed, { force: true })
  }
  if (given !== undefined) return { name: checkInstance('`instance`', given), release }
  // A variable that is set to nothing, as in an empty line of a deployment, is a mistake too: its processes would all have other names than intended.
  if (fromVariable !== undefined) return { name: checkInstance(`The variable ${variable}`, fromVariable), release }
  if (config.instance !== undefined) return { name: config.instance, release }
  const name = () => {
    const { base, number, file } = claim(directory, services)
    claimed = file
    return `${base}.${number}`
  }
  return { name, release }
}

interface Claim {
  readonly base: string
  readonly number: number
  readonly file: string
}

/** The claims of this process: its systems have numbers of their own. */
const claims = new Set<string>()

// Each process writes its claim before it looks at those of others, so of two that claim one number at the same moment, at least one sees the other, and
// takes back its own.
function claim(directory: string, services: readonly string[]): Claim {
  const folder = path.join(directory, 'run', 'instances')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const base = `${hostPart()}.${createHash('sha256').update(directory).digest('hex').slice(0, 6)}`
  for (let number = 1; number <= numberMax; number++) {
    const prefix = `${base}.${number}.`
    if (isClaimed(folder, prefix, services)) continue
    const file = path.join(folder, `${prefix}${process.pid}.${randomBytes(6).toString('hex')}`)
    writeFileSync(`${file}~`, JSON.stringify(services), { mode: 0o600 })
    renameSync(`${file}~`, file)
    claims.add(file)
    if (!isClaimed(folder, prefix, services, file)) return { base, number, file }
    claims.delete(file)
    rmSync(file, { force: true })
  }
  throw new TidingsError('CONFIG_INVALID', `No number up to ${numberMax} is free for an instance in ${folder}.`, {
    hint: `Name this one with ${variable}.`,
  })
}

// Claims of processes that have ended are removed on the way.
function isClaimed(folder: string, prefix: string, services: readonly string[], own?: string): boolean {
  return readdirSync(folder)
    .filter((name) => name.startsWith(prefix) && !name.endsWith('~'))
    .map((name) => path.join(folder, name))
    .some((file) => {
      if (file === own) return false
      const pid = Number(path.basename(file).slice(prefix.length).split('.')[0])
      const lives = pid === process.pid ? claims.has(file) : isAlive(pid)
      if (!lives) rmSync(file, { force: true })
      return lives && servicesIn(file).some((service) => services.includes(service))
    })
}

function servicesIn(file: string): readonly string[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as readonly string[]
  } catch {
    // It was taken back meanwhile.
    return []
  }
}

function hostPart(): string {
  const name = hostname()
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 80)
  return name === '' ? 'host' : name
}
