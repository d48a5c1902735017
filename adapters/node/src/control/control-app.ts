// The control endpoint: operations on the services of one process, behind a token. A running system is operated through this and
// never by opening its files beside it.

import { type LoggedEvent, TidingsError } from 'tidings'
import { acceptEpoch, deferredEvents, deliveriesOf, redrive } from 'tidings/operations'
import type { LogSearch, LookupRequest } from 'tidings/ports'
import { answerLookup, type Host, type ServiceRuntime, type System } from 'tidings/runtime'
import { answerJson, type Edge, type Exchange } from '../http/answer.ts'
import { createEdge, onlyMethod } from '../http/edge.ts'
import type { ControlStatus, EventReference, EventsPage, ServiceAccount } from './control-answers.ts'
import { pendingOperations } from './pending-operations.ts'
import { bodyOf, limitOf, oneOf, optionalTextOf, selectionOf, textOf, wrong } from './read-request.ts'
import { rebuildLines } from './rebuild-lines.ts'
import { bearsToken } from './token.ts'

/** What a control endpoint needs of a system. */
export interface ControlledSystem extends Pick<System, 'services' | 'service'> {
  readonly engine: Pick<System['engine'], 'durability'>
}

/** What a control endpoint is made with. */
export interface ControlOptions {
  readonly system: ControlledSystem
  readonly host: Host
  readonly token: string
  /** What `status` says about the process. */
  readonly about: Pick<ControlStatus, 'name' | 'pid' | 'startedAt' | 'doors'>
  /** Begins to end the process. */
  readonly stop: () => void
}

const eventsMax = 10_000

/** The control endpoint of a process. */
export function createControl({ system, host, token, about, stop }: ControlOptions): Edge {
  const app = createEdge({ policy: { hosts: [], origins: [] }, host })
  app.use(async (context, next) => {
    if (bearsToken(context.req.header('authorization'), token)) return next()
    throw new TidingsError('UNAUTHENTICATED', 'The control endpoint was called without its token.', {
      hint: 'Send the token of the run file as `Authorization: Bearer …`.',
    })
  })
  const services = (name: string | undefined): readonly ServiceRuntime[] =>
    name === undefined ? [...system.services.values()] : [system.service(name)]
  const get = (path: string, run: (context: Exchange) => Promise<Response>) =>
    app.get(path, run).all(path, onlyMethod('GET'))
  const post = (
    path: string,
    run: (context: Exchange, body: Awaited<ReturnType<typeof bodyOf>>) => Promise<Response>,
  ) => app.post(path, async (context) => run(context, await bodyOf(context))).all(path, onlyMethod('POST'))

  get('/control/status', async (context) => {
    const accounts = await Promise.all(services(undefined).map(accountOf))
    const status: ControlStatus = { ...about, durability: system.engine.durability, services: accounts }
    return answerJson(context, status)
  })
  get('/control/events', async (context) => {
    const { service, after } = context.req.query()
    if (after !== undefined) {
      if (service === undefined) throw wrong('service', 'must be named to follow its events')
      return answerJson(context, await pageBehind(system.service(service), after, context))
    }
    return answerJson(context, { events: await eventsOf(services(service), context) })
  })
  post('/control/deliveries', async (context, body) => {
    if (!Array.isArray(body.events) || body.events.length > eventsMax)
      throw wrong('events', `must be a list of at most ${eventsMax} events`)
    const events = body.events.map(referenceOf)
    const accounts = await Promise.all(services(undefined).map((service) => deliveriesOf(service, events)))
    return answerJson(context, { deliveries: accounts.flat() })
  })
  get('/control/held', async (context) => {
    const { service, ...rest } = context.req.query()
    const selection = selectionOf(rest)
    return answerJson(context, { held: services(service).flatMap((each) => deferredEvents(each, selection)) })
  })
  const pending = pendingOperations({ services, service: (name) => system.service(name) })
  for (const [name, answer] of Object.entries(pending)) get(`/control/${name}`, answer)
  post('/control/redrive', async (context, body) => {
    const selection = selectionOf((body.selection ?? {}) as Readonly<Record<string, unknown>>)
    if (typeof body.dryRun !== 'boolean') throw wrong('dryRun', 'must be true or false')
    const { dryRun } = body
    const meant = services(optionalTextOf(body, 'service'))
    const redrives = await Promise.all(meant.map((service) => redrive(service, selection, { dryRun })))
    return answerJson(context, { redrives: redrives.flat() })
  })
  post('/control/rebuild', async (context, body) =>
    rebuildLines(context, system.service(textOf(body, 'service')), textOf(body, 'readModel')),
  )
  post('/control/accept', async (context, body) => {
    const from = oneOf(body, 'from', ['kept', 'beginning', 'now'])
    const accepted = await acceptEpoch(system.service(textOf(body, 'service')), textOf(body, 'source'), from)
    return answerJson(context, { accepted })
  })
  post('/control/lookup', async (context, body) => {
    const question = lookupOf(body)
    return answerJson(context, await answerLookup(system.service(question.service), question))
  })
  post('/control/stop', async (context) => {
    host.scheduler.soon(stop)
    return answerJson(context, { stopping: true }, 202)
  })
  return app
}

async function accountOf(service: ServiceRuntime): Promise<ServiceAccount> {
  const { store } = service
  const [log, facts] = await Promise.all([
    store.readLog({ after: '', limit: 1 }),
    store.readFacts({ after: '', limit: 1 }),
  ])
  return { ...service.status, logHead: log.head, factsHead: facts.head }
}

async function eventsOf(services: readonly ServiceRuntime[], context: Exchange): Promise<readonly LoggedEvent[]> {
  const { id, type, key, correlation } = context.req.query()
  const search: LogSearch = {
    ...(id === undefined ? {} : { id }),
    ...(type === undefined ? {} : { type }),
    ...(key === undefined ? {} : { key }),
    ...(correlation === undefined ? {} : { correlationId: correlation }),
    limit: limitOf(context, 100, eventsMax),
  }
  const found = await Promise.all(services.map((service) => service.store.searchLog(search)))
  return found
    .flat()
    .sort((a, b) => b.recordedAt - a.recordedAt || (a.source === b.source && a.position < b.position ? 1 : -1))
    .slice(0, search.limit)
}

async function pageBehind(service: ServiceRuntime, after: string, context: Exchange): Promise<EventsPage> {
  const { type, key } = context.req.query()
  const page = await service.store.readLog({
    after,
    limit: limitOf(context, 1_000, eventsMax),
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
  const floor = body.floor as Readonly<Record<string, unknown>> | undefined
  return {
    service: textOf(body, 'service'),
    query: textOf(body, 'query'),
    input: textOf(body, 'input'),
    floor: floor === undefined ? undefined : { epoch: textOf(floor, 'epoch'), position: textOf(floor, 'position') },
    correlationId: textOf(body, 'correlationId'),
    principal: optionalTextOf(body, 'principal') ?? null,
    timeoutMs: typeof body.timeoutMs === 'number' ? body.timeoutMs : 0,
  }
}
