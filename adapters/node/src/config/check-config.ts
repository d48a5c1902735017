// Checks a configuration. Errors name the wrong part, because people write configurations by hand.

import { isTidingsError, TidingsError } from 'tidings'
import { checkInstanceName, checkSimpleName } from 'tidings/contracts'
import { checkedHealth, type HealthOptions } from '../health/health-options.ts'
import { checkedBlockedMsMax } from '../watchdog/check-watchdog.ts'

const known = ['kind', 'name', 'services', 'engine', 'data', 'http', 'health', 'watchdog', 'instance']
/** Limits of the HTTP API: whole numbers of at least 1. */
const httpLimits = [
  'bodyBytesMax',
  'connectionCountMax',
  'connectionCountPerAddressMax',
  'reauthorizeMs',
  'requestWaitMsMax',
  'requestTimeoutMs',
  'drainTimeoutMs',
]
const knownHttp = ['port', 'host', 'hosts', 'origins', 'pages', 'authorize', 'trustProxy', ...httpLimits]

/** Checks a configuration; throws `CONFIG_INVALID`. `what` is its name in messages. */
export function checkConfig(what: string, value: unknown): void {
  const config = objectOf(what, value)
  if ('doors' in config) throw invalid(`${what} has the option doors, which is now called http.`)
  refuseUnknown(what, config, known)
  checkSystemName(what, config.name)
  if (!Array.isArray(config.services) || config.services.length === 0)
    throw invalid(`${what} needs a list of at least one service in services.`)
  const names = new Set<string>()
  for (const [index, service] of config.services.entries()) {
    if (service?.kind !== 'service') {
      const hint =
        typeof service?.with === 'function' ? ' It is only a definition: complete it with `.with({ … })`.' : ''
      throw invalid(`services[${index}] is not a service.${hint}`)
    }
    if (names.has(service.name)) throw invalid(`Two services are named ${service.name}.`)
    names.add(service.name)
  }
  if (typeof config.engine !== 'function')
    throw invalid(
      `${what} needs an engine: a function that returns a driver, such as ({ directory }) => sqliteDriver({ directory }).`,
    )
  if (config.data !== undefined && (typeof config.data !== 'string' || config.data === ''))
    throw invalid('data must be the path of a folder.')
  if (config.instance !== undefined) checkInstance('instance', config.instance)
  if (config.http !== undefined) checkHttp(config.http)
  if (config.health !== undefined) {
    const health = objectOf('health', config.health)
    refuseUnknown('health', health, ['port', 'host'])
    checkedHealth('health', health as unknown as HealthOptions)
  }
  if (config.watchdog !== undefined && config.watchdog !== false) {
    const watchdog = objectOf('watchdog', config.watchdog)
    refuseUnknown('watchdog', watchdog, ['blockedMsMax'])
    checkedBlockedMsMax(watchdog)
  }
}

function checkHttp(value: unknown): void {
  const http = objectOf('http', value)
  refuseUnknown('http', http, knownHttp)
  const { port, host, authorize } = http
  if (port !== undefined && !(Number.isInteger(port) && (port as number) >= 0 && (port as number) <= 65_535))
    throw invalid(`http.port must be a whole number from 0 to 65535, not ${JSON.stringify(port)}.`)
  if (host !== undefined && typeof host !== 'string') throw invalid('http.host must be the address to listen on.')
  if (authorize !== undefined && typeof authorize !== 'function') throw invalid('http.authorize must be a function.')
  for (const name of ['hosts', 'origins'] as const) {
    const list = http[name]
    if (list !== undefined && !(Array.isArray(list) && list.every((each) => typeof each === 'string')))
      throw invalid(`http.${name} must be a list of strings.`)
  }
  checkPages(http.pages)
  for (const name of httpLimits) {
    const limit = http[name]
    if (limit !== undefined && !(Number.isSafeInteger(limit) && (limit as number) > 0))
      throw invalid(`http.${name} must be a whole number of at least 1.`)
  }
}

function checkPages(pages: unknown): void {
  if (pages === undefined || typeof pages === 'string') return
  if (!Array.isArray(pages)) throw invalid('http.pages must be the path of a folder, or a list of { path, folder }.')
  for (const [index, each] of pages.entries()) {
    const what = `http.pages[${index}]`
    const { path, folder } = objectOf(what, each)
    refuseUnknown(what, each, ['path', 'folder'])
    if (typeof path !== 'string' || typeof folder !== 'string') throw invalid(`${what} needs a path and a folder.`)
  }
}

function checkSystemName(what: string, name: unknown): void {
  try {
    checkSimpleName('system', name as string)
  } catch (cause) {
    if (!isTidingsError(cause)) throw cause
    throw new TidingsError('CONFIG_INVALID', `${what} needs a name: ${cause.message}`, { hint: cause.hint, cause })
  }
}

/** Checks the name of an instance; throws `CONFIG_INVALID`. `what` says where it comes from. */
export function checkInstance(what: string, name: unknown): string {
  try {
    return checkInstanceName(what, name)
  } catch (cause) {
    if (!isTidingsError(cause)) throw cause
    throw new TidingsError('CONFIG_INVALID', cause.message, { hint: cause.hint, cause })
  }
}

function objectOf(what: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(`${what} must be an object.`)
  return value as Readonly<Record<string, unknown>>
}

function refuseUnknown(what: string, value: object, names: readonly string[]): void {
  for (const name of Object.keys(value)) {
    if (!names.includes(name))
      throw invalid(
        `${what} has the option ${JSON.stringify(name)}, which does not exist. The options are ${names.join(', ')}.`,
      )
  }
}

function invalid(message: string): TidingsError {
  return new TidingsError('CONFIG_INVALID', message)
}
