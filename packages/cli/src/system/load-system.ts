// Loads the configuration of a command, and finds its data folder.

import path from 'node:path'
import { type LoadedConfig, loadConfig } from '@tidings/node'
import type { Service } from 'tidings'
import type { Invocation, SystemOptions } from '../invocation.ts'
import { CommandFailure } from '../usage/command-failure.ts'
import { nearestName } from '../usage/nearest.ts'

/** A system as its configuration declares it. */
export interface DeclaredSystem {
  readonly config: LoadedConfig
  /** The data folder, as an absolute path. */
  readonly data: string
}

/** Loads the configuration; throws `CONFIG_INVALID`. */
export async function loadSystem(invocation: Invocation, options: SystemOptions): Promise<DeclaredSystem> {
  const config = await loadConfig(path.resolve(invocation.cwd, options.config ?? '.'))
  return { config, data: options.data === undefined ? config.data : path.resolve(invocation.cwd, options.data) }
}

/** A service of the configuration; throws for an unknown name and suggests the nearest one. */
export function serviceNamed({ config }: Pick<DeclaredSystem, 'config'>, name: string): Service {
  const service = config.services.find((each) => each.name === name)
  if (service !== undefined) return service
  throw unknown(
    `The system ${config.name} has no service`,
    name,
    config.services.map((each) => each.name),
  )
}

/** The failure for a name that does not exist; suggests the nearest one that does. */
export function unknown(what: string, name: string, names: readonly string[]): CommandFailure {
  const near = nearestName(name, names)
  const list = names.length === 0 ? 'This system has none.' : `Available: ${names.join(', ')}.`
  return new CommandFailure(
    'notFound',
    `${what} ${JSON.stringify(name)}.`,
    near === undefined ? list : `Did you mean ${near}? ${list}`,
  )
}
