// Several live queries, of any services, over one connection: a browser opens only six connections to an origin, and a page with six live
// queries would have none left. Each part is authorized and read as if it were requested alone.
// Invariant: an unavailable service affects only its own parts; the others go on, and the parts come back with their service. A bundle without
// a part that may be read ends.

import type { PrincipalInput } from 'tidings'
import type { Environment } from 'tidings/ports'
import type { StreamSink } from '../endpoint/answer.ts'
import type { Problem } from '../wire/problem.ts'
import type { LivePart } from './bundle-parts.ts'
import type { StreamSource } from './live-streams.ts'

const retryMs = 1_000
/** How long a bundle waits at most for the first outcome of a part before it is answered as a stream. */
const beginMs = 1_000
const encoder = new TextEncoder()

/** A part that its caller may read. */
export interface AdmittedPart extends LivePart {
  readonly index: number
  readonly principal: PrincipalInput | null
}

/** An event of a part: of its live query, `away` if its service is not available, or `refused` with `{ problem }`. */
export interface BundleEvent {
  /** The index of the part. */
  readonly of: number
  readonly event: string
  readonly id: string
  /** The JSON text of an object. */
  readonly json: string
}

/** What a bundle needs of its host. */
export interface BundleHost {
  /** Lets the caller in to a part; throws if it may not read it. */
  authorize(part: LivePart): Promise<PrincipalInput | null>
  /** Parts with the same group are read together, over one connection. */
  groupOf(part: LivePart, index: number): string | number
  /** Reads the parts of a group until the signal is aborted. If it throws or ends, the service counts as unavailable, and is asked again. */
  read(parts: readonly AdmittedPart[], signal: AbortSignal): AsyncIterable<BundleEvent>
  /** The problem for what `authorize` has thrown. */
  problemOf(error: unknown, part: LivePart): Problem
  readonly timeouts: Environment['timeouts']
}

interface PartState {
  readonly index: number
  part: LivePart
  principal: PrincipalInput | null
  isAway: boolean
  refusal: string | undefined
}

/** A bundle as the source of a stream. */
export class LiveBundle implements StreamSource {
  readonly name = 'a bundle'
  readonly #host: BundleHost
  readonly #states: readonly PartState[]
  readonly #end = new AbortController()
  readonly #begun = Promise.withResolvers<void>()
  readonly #sink = Promise.withResolvers<StreamSink | undefined>()
  #hasSink = false
  #hasBegun = false
  #finished: Promise<unknown> = Promise.resolve()

  constructor(parts: readonly LivePart[], host: BundleHost) {
    this.#host = host
    this.#states = parts.map((part, index) => ({ index, part, principal: null, isAway: false, refusal: undefined }))
  }

  /** Who reads its parts. */
  get principals(): readonly (PrincipalInput | null)[] {
    return this.#states.flatMap(({ principal, refusal }) => (refusal === undefined ? [principal] : []))
  }

  /** Begins to read; returns the problems of the parts as JSON texts if every part is refused. */
  async begin(): Promise<readonly string[] | undefined> {
    const groups = Map.groupBy(this.#states, ({ part, index }) => this.#host.groupOf(part, index))
    this.#finished = Promise.all([...groups.values()].map((states) => this.#readGroup(states)))
    const cancel = this.#host.timeouts.after(beginMs, this.#begun.resolve)
    await Promise.race([this.#begun.promise, this.#finished])
    cancel()
    const refusals = this.#states.flatMap(({ refusal }) => refusal ?? [])
    return this.#hasBegun || refusals.length < this.#states.length ? undefined : refusals
  }

  async write(sink: StreamSink): Promise<void> {
    this.#hasSink = true
    for (const state of this.#states) if (state.refusal !== undefined) sink.write(encoder.encode(refusedText(state)))
    this.#sink.resolve(sink)
    await this.#finished
  }

  end(): void {
    this.#end.abort()
    this.#sink.resolve(undefined)
  }

  // Reads one stream after another; each part continues where its last one ended.
  async #readGroup(states: readonly PartState[]): Promise<void> {
    const { signal } = this.#end
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      const parts = await this.#admit(states, isFirst)
      try {
        if (parts.length > 0)
          for await (const event of this.#host.read(parts, signal)) {
            const state = this.#states[event.of]
            if (state !== undefined) await this.#take(state, event)
          }
      } catch {
        // The stream failed, or the service is not available yet.
      }
      const open = states.filter(({ refusal }) => refusal === undefined)
      if (open.length === 0) return
      for (const state of open) await this.#take(state, { of: state.index, event: 'away', id: '', json: '{}' })
      await this.#pause()
    }
  }

  // The parts that the caller may read now. When a service comes back, its parts are authorized again.
  async #admit(states: readonly PartState[], isFirst: boolean): Promise<readonly AdmittedPart[]> {
    const admitted = await Promise.all(
      states.map(async (state): Promise<readonly AdmittedPart[]> => {
        if (state.refusal !== undefined) return []
        try {
          state.principal = await this.#host.authorize(state.part)
          return [{ ...state.part, index: state.index, principal: state.principal }]
        } catch (error) {
          const problem = this.#host.problemOf(error, state.part)
          // Later on, a failure of `authorize` itself may pass; nobody is let in by it.
          if (isFirst || problem.status < 500) await this.#refuse(state, JSON.stringify(problem))
          return []
        }
      }),
    )
    return admitted.flat()
  }

  async #take(state: PartState, { event, id, json }: BundleEvent): Promise<void> {
    if (state.refusal !== undefined) return
    if (event === 'refused') return this.#refuse(state, json.slice('{"problem":'.length, -1))
    const isAway = event === 'away'
    if (isAway && state.isAway) return
    state.isAway = isAway
    if (!isAway) state.part = { ...state.part, after: id }
    this.#hasBegun = true
    this.#begun.resolve()
    const of = `{"of":${state.index}${json === '{}' ? '' : ','}${json.slice(1)}`
    await this.#write(`event: ${event}\n${isAway ? '' : `id: ${id}\n`}data: ${of}\n\n`)
  }

  // A refusal is final: asking again would be refused again.
  async #refuse(state: PartState, problem: string): Promise<void> {
    state.refusal = problem
    if (this.#hasSink) await this.#write(refusedText(state))
  }

  // A slow reader delays its own parts; if too much waits, the live query sends a new snapshot.
  async #write(text: string): Promise<void> {
    const sink = await this.#sink.promise
    if (sink !== undefined && !this.#end.signal.aborted && !sink.write(encoder.encode(text))) await sink.drained()
  }

  #pause(): Promise<void> {
    const { signal } = this.#end
    if (signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const settle = () => {
        cancel()
        signal.removeEventListener('abort', settle)
        resolve()
      }
      const cancel = this.#host.timeouts.after(retryMs, settle)
      signal.addEventListener('abort', settle)
    })
  }
}

function refusedText({ index, refusal }: PartState): string {
  return `event: refused\ndata: {"of":${index},"problem":${refusal}}\n\n`
}
