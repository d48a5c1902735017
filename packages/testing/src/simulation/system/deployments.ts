// Which code each instance runs: the services as they are, or older code, which lacks one handler of a service.
// Invariant: which handler that is follows from the seed. Older code runs first, so it is known as older; newer code lets the handler begin at the beginning.

import type { NamedHandler, Service } from 'tidings'
import { createChance } from '../random/chance.ts'

/** The age of code. */
export type CodeAge = 'older' | 'newer'

/** The code of a system's instances. */
export class Deployments {
  readonly #added = new Map<string, NamedHandler>()
  /** By instance. */
  readonly #ages = new Map<string, CodeAge>()
  /** What was deployed last, by service. */
  readonly #latest = new Map<string, CodeAge>()

  /** @param deploys - whether older code runs at first. */
  constructor(services: readonly Service[], seed: number, deploys: boolean) {
    const chance = createChance(seed ^ 0xdeb10)
    for (const service of deploys ? services : []) {
      const [first, ...others] = service.handlers.filter(canBeAdded)
      if (first !== undefined) this.#added.set(service.name, chance.pick([first, ...others]))
    }
  }

  /** The name of the handler that older code of a service lacks; `undefined` if it has no older code. */
  addedTo(service: string): string | undefined {
    return this.#added.get(service)?.name
  }

  /** The code with which an instance of a service starts. */
  codeOf(instance: string, service: Service): Service {
    const added = this.#added.get(service.name)
    if (added === undefined) return service
    const handlers = service.handlers.filter((handler) => handler !== added)
    return this.#ageOf(instance, service.name) === 'older'
      ? { ...service, handlers }
      : { ...service, handlers: [...handlers, { ...added, from: 'beginning' }] }
  }

  /** Gives an instance other code, with which it starts from now on; returns whether it had another. */
  deploy(instance: string, service: string, age: CodeAge): boolean {
    const before = this.#ageOf(instance, service)
    this.#ages.set(instance, age)
    this.#latest.set(service, age)
    return this.#added.has(service) && before !== age
  }

  #ageOf(instance: string, service: string): CodeAge {
    const age = this.#ages.get(instance) ?? this.#latest.get(service) ?? 'older'
    this.#ages.set(instance, age)
    return age
  }
}

// A process manager's inputs belong together, and one that starts now misses what older code has passed.
function canBeAdded({ process, from }: NamedHandler): boolean {
  return process === undefined && from !== 'now'
}
