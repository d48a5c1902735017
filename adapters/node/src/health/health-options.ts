// Where a process answers health probes: given to its start, in the environment variable `TIDINGS_HEALTH`, or in the configuration, in this order.
// Invariant: without any of them, nothing listens.

import { TidingsError } from 'tidings'

/** Where a process answers health probes: `/livez` and `/readyz`, on a port with nothing else on it. */
export interface HealthOptions {
  /** The port; 0 takes any free port. */
  readonly port: number
  /**
   * The address to listen on. In a container, `0.0.0.0` lets the orchestrator reach it from outside: anybody who can reach the port learns whether the
   * process is live and ready, and nothing else. Default: 127.0.0.1, which only this machine can reach.
   */
  readonly host?: string
}

/** The environment variable. */
const variable = 'TIDINGS_HEALTH'

const loopback = '127.0.0.1'

/** Chooses where probes are answered; `undefined` if nowhere. Throws `CONFIG_INVALID`. */
export function healthOf(
  given: HealthOptions | false | undefined,
  configured: HealthOptions | undefined,
): Required<HealthOptions> | undefined {
  if (given === false) return undefined
  const text = process.env[variable]
  if (given !== undefined) return checkedHealth('health', given)
  if (text !== undefined) return healthOfText(`The variable ${variable}`, text)
  return configured && checkedHealth('health', configured)
}

/** Reads `8081` or `0.0.0.0:8081`; throws `CONFIG_INVALID`. `what` says where the text is from. */
export function healthOfText(what: string, text: string): Required<HealthOptions> {
  const [, host, port] = /^(?:(.+):)?(\d{1,5})$/.exec(text) ?? []
  if (port === undefined)
    throw invalid(`${what} must be a port, or an address and a port such as 0.0.0.0:8081, not ${JSON.stringify(text)}.`)
  return checkedHealth(what, {
    port: Number(port),
    ...(host === undefined ? {} : { host: host.replace(/^\[(.*)\]$/, '$1') }),
  })
}

/** Fills in the default; throws `CONFIG_INVALID`. */
export function checkedHealth(what: string, { port, host = loopback }: HealthOptions): Required<HealthOptions> {
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535))
    throw invalid(`${what} needs a port, a whole number from 0 to 65535, not ${JSON.stringify(port)}.`)
  if (typeof host !== 'string' || host === '') throw invalid(`${what} needs the address to listen on as its host.`)
  return { port, host }
}

/** Nothing could listen there. */
export function cannotAnswerProbes(
  { host, port }: Required<HealthOptions>,
  code: string,
  reason: string,
): TidingsError {
  const inUse = code === 'EADDRINUSE'
  const message = inUse
    ? `Port ${port} of ${host} is in use.`
    : `Probes cannot be answered on ${host}:${port}: ${reason}.`
  return new TidingsError('CONFIG_INVALID', message, {
    hint: `Give each process a port of its own for its health: \`health\` in the configuration, or the variable ${variable}; 0 takes any free port.`,
  })
}

function invalid(message: string): TidingsError {
  return new TidingsError('CONFIG_INVALID', message)
}
