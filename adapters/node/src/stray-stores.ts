// Stores that belong to no service of a system: a service was removed or renamed, and what it had stays there, unread.

import { describeThrown } from 'tidings/errors'
import type { Engine, Environment } from 'tidings/ports'
import { createLog } from 'tidings/runtime'
import type { Config } from './config/config.ts'

/** The names under which an engine has stores that no service of the configuration has. */
export async function strayStores({ services }: Pick<Config, 'services'>, engine: Engine): Promise<readonly string[]> {
  const declared = new Set(services.map(({ name }) => name))
  const stored = (await engine.storedServices?.()) ?? []
  return stored.filter((name) => !declared.has(name))
}

/** What a stray store is, and what to do about it. */
export function strayStore(name: string): { readonly what: string; readonly hint: string } {
  return {
    what: `The store of ${name} belongs to no service`,
    hint: `If the service was renamed, declare \`was: '${name}'\` on it before it starts for the first time: otherwise it begins anew, and its handlers run for all of history. If it was removed, back the store up and remove its file.`,
  }
}

/** Logs them when a system starts. A folder that cannot be listed stops no start. */
export async function warnOfStrayStores(config: Config, engine: Engine, environment: Environment): Promise<void> {
  const log = createLog(environment, undefined)
  try {
    for (const name of await strayStores(config, engine)) {
      const { what, hint } = strayStore(name)
      log.warn(what, { store: name, hint, next: 'npx tidings status' })
    }
  } catch (error) {
    const { code, message } = describeThrown(error)
    log.warn('It is not known whether each store belongs to a service', { code, error: message })
  }
}
