// The control endpoint: operations on the services of one process, behind a token. You operate a running system through it, and never by
// opening its files from another process.

import { TidingsError } from 'tidings'
import { parseTraceContext } from 'tidings/contracts'
import { acceptEpoch, deferredEvents, deliveriesOf, redrive } from 'tidings/operations'
import type { EventLogSearch, LookupRequest } from 'tidings/ports'
import { answerLookup, type Environment, type ServiceRuntime, type System } from 'tidings/runtime'
import { type Answer, answerJson } from '../endpoint/answer.ts'
import { createEndpoint, type HttpEndpoint, notFound, onlyMethod } from '../endpoint/create-endpoint.ts'
import type { Exchange } from '../endpoint/exchange.ts'
import type {
  AcceptedVersions,
  ControlStatus,
  EventReference,
  EventsPage,
  LoggedEvent,
  SentStatus,
} from '../wire/control-answers.ts'
import { accountOf } from './account-of.ts'
import { hasToken } from './has-token.ts'
import { pendingOperations } from './pending-operations.ts'
import { bodyOf, limitOf, oneOf, optionalTextOf, selectionOf, textOf, wrong } from './read-request.ts'
import { rebuildLines } from './rebuild-lines.ts'

/** The largest body of a lookup, in bytes, unless a service takes larger payloads. */
const lookupBytesMax = 16_777_216

/** The parts of a system that a control endpoint uses. */
export interface ControlledSystem extends Pick<System, 'services'> {
  /** A running service; throws `UNKNOWN_SERVICE`. */
  service(name: string): ServiceRuntime
  readonly engine: Pick<System['engine'], 'durability'>
}

/** Options of a control endpoint. */
export interface ControlEndpointOptions {
  /** The services to operate on. */
  readonly system: ControlledSystem
  /** Clock, log and timeouts. */
  readonly environment: Pick<Environment, 'clock' | 'log' | 'timeouts'>
  /** The token that requests must send as `Authorization: Bearer …`. */
  readonly token: string
  /** What `status` says about the process. */
  readonly about: Pick<ControlStatus, 'name' | 'pid' | 'startedAt' | 'http'>
  /** Called by `stop`: begins to end the process. */
  readonly stop: () => void
}

const eventCountMax = 10_000

type Operation = (exchange: Exchange) => Promise<Answer>

/** Creates the control endpoint of a process. */
export function createControlEndpoint(options: ControlEndpointOptions): HttpEndpoint {
  const { token, environment } = options
  const reads = new Map(Object.entries(readOperations(options)))
  const writes = new Map(Object.entries(writeOperations(options)))
  return createEndpoint({
    policy: { hosts: [], origins: [] },
    environment,
    route: async (exchange) => {
      if (!(await hasToken(exchange.headers.get('authorization'), token)))
        throw new TidingsError('UNAUTHENTICATED', 'The control endpoint was called without the right token.', {
          hint: 'Send the token of the run file as `Authorization: Bearer …`.',
        })
      const name = /^\/control\/([a-z]+)$/.exec(exchange.path)?.[1] ?? ''
      const read = reads.get(name)
      if (read !== undefined) return exchange.readMethod === 'GET' ? read(exchange) : onlyMethod('GET, HEAD')
      const write = writes.get(name)
      if (write !== undefined) return exchange.method === 'POST' ? write(exchange) : onlyMethod('POST')
      return notFound(exchange)
    },
  })
}

function servicesOf(system: ControlledSystem, name: string | undefined): readonly ServiceRuntime[] {
  return name === undefined ? [...system.services.values()] : [system.service(name)]
}

function readOperations({ system, environment, about }: ControlEndpointOptions): Readonly<Record<string, Operation>> {
  return {
    status: async () => {
      const services = await Promise.all(servicesOf(system, undefined).map((each) => accountOf(each, environment)))
      const { http, ...rest } = about
      const status: SentStatus = { ...rest, doors: http, durability: system.engine.durability, services }
      return answerJson(status)
    },
    events: async (exchange) => {
      const { service, after } = exchange.queries()
      if (after === undefined) return answerJson({ events: await eventsOf(servicesOf(system, service), exchange) })
      if (service === undefined) throw wrong('service', 'must be given to follow its events')
      return answerJson(await pageAfter(system.service(service), after, exchange))
    },
    held: async (exchange) => {
      const { service, ...rest } = exchange.queries()
      const selection = selectionOf(rest)
      return answerJson({ held: servicesOf(system, service).flatMap((each) => deferredEvents(each, selection)) })
    },
    ...pendingOperations({
      services: (name) => servicesOf(system, name),
      service: (name) => system.service(name),
    }),
  }
}

function writeOperations({ system, environment, stop }: ControlEndpointOptions): Readonly<Record<string, Operation>> {
  return {
    deliveries: async (exchange) => {
      const body = await bodyOf(exchange)
      if (!Array.isArray(body.events) || body.events.length > eventCountMax)
        throw wrong('events', `must be a list of at most ${eventCountMax} events`)
      const events = body.events.map(referenceOf)
      const accounts = await Promise.all(servicesOf(system, undefined).map((each) => deliveriesOf(each, events)))
      return answerJson({ deliveries: accounts.flat() })
    },
    redrive: async (exchange) => {
      const body = await bodyOf(exchange)
      const selection = selectionOf((body.selection ?? {}) as Readonly<Record<string, unknown>>)
      if (typeof body.dryRun !== 'boolean') throw wrong('dryRun', 'must be true or false')
      const { dryRun, withoutGone = false } = body
      if (typeof withoutGone !== 'boolean') throw wrong('withoutGone', 'must be true or false')
      const services = servicesOf(system, optionalTextOf(body, 'service'))
      const redrives = await Promise.all(services.map((each) => redrive(each, selection, { dryRun, withoutGone })))
      return answerJson({ redrives: redrives.flat() })
    },
    rebuild: async (exchange) => {
      const body = await bodyOf(exchange)
      return rebuildLines(system.service(textOf(body, 'service')), textOf(body, 'readModel'), environment.clock)
    },
    accept: async (exchange) => {
      const body = await bodyOf(exchange)
      const from = oneOf(body, 'from', ['kept', 'beginning', 'now'])
      const accepted = await acceptEpoch(system.service(textOf(body, 'service')), textOf(body, 'source'), from)
      return answerJson({ accepted })
    },
    versions: async (exchange) => {
      const services = servicesOf(system, optionalTextOf(await bodyOf(exchange), 'service'))
      const accept = async (each: ServiceRuntime): Promise<AcceptedVersions> => ({
        service: each.name,
        accepted: await each.acceptVersions(),
      })
      return answerJson({ services: await Promise.all(services.map(accept)) })
    },
    lookup: async (exchange) => {
      // The input is a text in the body, so it is escaped twice.
      const payloads = [...system.services.values()].map(({ declaration }) => 8 * declaration.limits.payloadBytesMax)
      const request = lookupOf(await bodyOf(exchange, Math.max(lookupBytesMax, ...payloads)))
      return answerJson(await answerLookup(system.service(request.service), request))
    },
    stop: async (exchange) => {
      await bodyOf(exchange)
      environment.timeouts.soon(stop)
      return answerJson({ stopping: true }, 202)
    },
  }
}

async function eventsOf(services: readonly ServiceRuntime[], exchange: Exchange): Promise<readonly LoggedEvent[]> {
  const { id, type, key, correlation } = exchange.queries()
  const search: EventLogSearch = {
    ...(id === undefined ? {} : { id }),
    ...(type === undefined ? {} : { type }),
    ...(key === undefined ? {} : { key }),
    ...(correlation === undefined ? {} : { correlationId: correlation }),
    limit: limitOf(exchange, 100, eventCountMax),
  }
  const found = await Promise.all(services.map(({ store }) => store.searchEventLog(search)))
  return found
    .flat()
    .sort((a, b) => b.recordedAt - a.recordedAt || (a.source === b.source && a.position < b.position ? 1 : -1))
    .slice(0, search.limit)
}

async function pageAfter({ store }: ServiceRuntime, after: string, exchange: Exchange): Promise<EventsPage> {
  const { type, key } = exchange.queries()
  const page = await store.readEventLog({
    after,
    limit: limitOf(exchange, 1_000, eventCountMax),
    ...(type === undefined ? {} : { types: [type] }),
  })
  const events = key === undefined ? page.events : page.events.filter((event) => event.key === key)
  return { events, next: page.next, head: page.head }
}

function referenceOf(event: unknown): EventReference {
  const given = (event ?? {}) as Readonly<Record<string, unknown>>
  return {
    id: textOf(given, 'id'),
    source: textOf(given, 'source'),
    type: textOf(given, 'type'),
    key: textOf(given, 'key'),
    position: textOf(given, 'position'),
  }
}

function lookupOf(body: Readonly<Record<string, unknown>>): LookupRequest {
  const minimum = body.floor as Readonly<Record<string, unknown>> | undefined
  return {
    service: textOf(body, 'service'),
    query: textOf(body, 'query'),
    input: textOf(body, 'input'),
    minimumPosition:
      minimum === undefined ? undefined : { epoch: textOf(minimum, 'epoch'), position: textOf(minimum, 'position') },
    correlationId: textOf(body, 'correlationId'),
    principal: optionalTextOf(body, 'principal') ?? null,
    tenant: optionalTextOf(body, 'tenant') ?? null,
    ...parseTraceContext(optionalTextOf(body, 'traceparent'), optionalTextOf(body, 'tracestate')),
    timeoutMs: typeof body.timeoutMs === 'number' ? body.timeoutMs : 0,
  }
}
