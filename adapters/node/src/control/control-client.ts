// The client of control endpoints: typed operations on the running processes of a system. The command line uses it.

import {
  type Accepted,
  type AcceptedVersions,
  type ControlStatus,
  type DeferredDelivery,
  type DeferredSelection,
  type DeliveryAccount,
  type EventReference,
  type EventSearch,
  type EventsPage,
  errorOfProblem,
  type LoggedEvent,
  type PendingEffects,
  type PendingRequest,
  type PendingTimers,
  type ProcessesRequest,
  type ProcessHistory,
  type ProcessPage,
  type ProcessShowOptions,
  type RebuildLine,
  type RebuildProgress,
  type Redrive,
  type RedriveRequest,
  type SentStatus,
} from '@tidings/http/wire'
import type { LookupAnswer, LookupRequest, Position } from 'tidings/ports'
import { askControl, callControl, parseAnswer } from './control-call.ts'
import { type RunFile, readRunFiles } from './run-file.ts'

/** How long a process may take to say how it is, in milliseconds. It has to read only a few rows for that. */
const statusTimeoutMs = 5_000

/** Operations on a running process. Every call throws `SERVICE_UNAVAILABLE` if the process does not answer. */
export interface ControlClient {
  /** The process's run file, without the token. */
  readonly run: Omit<RunFile, 'token'>
  status(): Promise<ControlStatus>
  /** Published events, newest first. */
  events(search?: EventSearch): Promise<readonly LoggedEvent[]>
  /** A service's published events after a position, oldest first: for following them. */
  eventsAfter(
    service: string,
    after: Position,
    search?: { readonly type?: string; readonly key?: string; readonly limit?: number },
  ): Promise<EventsPage>
  /** The deliveries of events to the subscribers of this process. */
  deliveries(events: readonly EventReference[]): Promise<readonly DeliveryAccount[]>
  /** The deferred events of its subscribers. */
  deferred(selection?: DeferredSelection & { readonly service?: string }): Promise<readonly DeferredDelivery[]>
  /** Instances of process managers, one page for each service. Throws `UNKNOWN_PROCESS`. */
  processes(request?: ProcessesRequest): Promise<readonly ProcessPage[]>
  /** The history of an instance of a process manager. Throws `UNKNOWN_PROCESS`. */
  process(service: string, process: string, key: string, options?: ProcessShowOptions): Promise<ProcessHistory>
  /** Timers that are set, in the order they are due, one page for each service. */
  timers(request?: PendingRequest): Promise<readonly PendingTimers[]>
  /** Effects that have not been performed, one page for each service. */
  effects(request?: PendingRequest): Promise<readonly PendingEffects[]>
  /** Retries dead letters, or returns what would be retried. */
  redrive(request: RedriveRequest): Promise<readonly Redrive[]>
  /** Rebuilds a read model; resolves when reads use the new one. */
  rebuild(service: string, readModel: string, onProgress?: (progress: RebuildProgress) => void): Promise<void>
  /** Resumes subscriptions that stopped because their source was deleted or restored. */
  accept(service: string, source: string, from: 'kept' | 'beginning' | 'now'): Promise<readonly Accepted[]>
  /** Accepts the edits of versions under which its services, or the named one, store data. */
  acceptVersions(service?: string): Promise<readonly AcceptedVersions[]>
  /** Looks up a query of one of its services. */
  lookup(request: LookupRequest): Promise<LookupAnswer>
  /** Asks the process to end; it finishes the requests in progress first. */
  stop(): Promise<void>
}

/** Clients for the running processes of the system with this data folder; empty if none runs. */
export async function controlClients(dataDirectory: string): Promise<readonly ControlClient[]> {
  return readRunFiles(dataDirectory).map(controlClient)
}

/** The client of one process. */
export function controlClient(run: RunFile): ControlClient {
  const get = <T>(path: string, query: object = {}) =>
    askControl<T>(run, { method: 'GET', path: `/control/${path}${queryText(query)}` })
  const post = <T>(path: string, body: unknown, timeoutMs?: number) =>
    askControl<T>(run, {
      method: 'POST',
      path: `/control/${path}`,
      body,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    })
  const { token: _token, ...shown } = run
  return {
    run: shown,
    status: async () => {
      const call = { method: 'GET', path: '/control/status', timeoutMs: statusTimeoutMs } as const
      const { doors, ...status } = await askControl<SentStatus>(run, call)
      return { ...status, http: doors }
    },
    events: async (search = {}) => (await get<{ events: readonly LoggedEvent[] }>('events', search)).events,
    eventsAfter: (service, after, search = {}) => get('events', { ...search, service, after }),
    deliveries: async (events) =>
      (await post<{ deliveries: readonly DeliveryAccount[] }>('deliveries', { events })).deliveries,
    deferred: async (selection = {}) => (await get<{ held: readonly DeferredDelivery[] }>('held', selection)).held,
    processes: async (request = {}) => (await get<{ pages: readonly ProcessPage[] }>('processes', request)).pages,
    process: (service, process, key, options = {}) => get('process', { ...options, service, process, key }),
    timers: async (request = {}) => (await get<{ pages: readonly PendingTimers[] }>('timers', request)).pages,
    effects: async (request = {}) => (await get<{ pages: readonly PendingEffects[] }>('effects', request)).pages,
    redrive: async (request) => (await post<{ redrives: readonly Redrive[] }>('redrive', request)).redrives,
    rebuild: (service, readModel, onProgress) => rebuild(run, service, readModel, onProgress),
    accept: async (service, source, from) =>
      (await post<{ accepted: readonly Accepted[] }>('accept', { service, source, from })).accepted,
    acceptVersions: async (service) => {
      const body = service === undefined ? {} : { service }
      return (await post<{ services: readonly AcceptedVersions[] }>('versions', body)).services
    },
    lookup: (request) => post('lookup', request, request.timeoutMs),
    stop: async () => {
      await post('stop', {})
    },
  }
}

async function rebuild(
  run: RunFile,
  service: string,
  readModel: string,
  onProgress: ((progress: RebuildProgress) => void) | undefined,
): Promise<void> {
  const body = { service, readModel }
  const response = await callControl(run, { method: 'POST', path: '/control/rebuild', body, timeoutMs: 0 })
  for await (const line of linesOf(run, response)) {
    if ('problem' in line) throw errorOfProblem(line.problem, 'HANDLER_FAILED')
    if ('done' in line) return
    onProgress?.(line.progress)
  }
  throw errorOfProblem(
    { detail: `The connection ended before the rebuild of ${readModel} did.` },
    'SERVICE_UNAVAILABLE',
  )
}

async function* linesOf(run: RunFile, response: Response): AsyncGenerator<RebuildLine> {
  let rest = ''
  for await (const text of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    const lines = `${rest}${text}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield parseAnswer(run, line) as RebuildLine
  }
}

function queryText(query: object): string {
  const parts = Object.entries(query).filter(([, value]) => value !== undefined)
  if (parts.length === 0) return ''
  return `?${new URLSearchParams(Object.fromEntries(parts.map(([name, value]) => [name, String(value)])))}`
}
