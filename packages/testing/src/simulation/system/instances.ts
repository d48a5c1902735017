// Which instances of each service are to run, by their names: `orders.1` to `orders.4`; the service's name itself if each service runs once.
// Invariant: at least one instance of a service is to run, and those with the lowest numbers are.

/** The most instances of a service. */
export const instancesMax = 4

/** The instances of a system. */
export class Instances {
  readonly several: boolean
  readonly #services = new Map<string, string>()
  readonly #wanted = new Map<string, readonly string[]>()

  constructor(services: readonly { readonly name: string }[], count: number) {
    this.several = count > 1
    for (const { name } of services) {
      for (const instance of this.#names(name, instancesMax)) this.#services.set(instance, name)
      this.want(name, count)
    }
  }

  /** The service of an instance. */
  serviceOf(instance: string): string {
    return this.#services.get(instance) ?? instance
  }

  /** The instances of a service that are to run. */
  wanted(service: string): readonly string[] {
    return this.#wanted.get(service) ?? []
  }

  /** Changes how many are to run. */
  want(service: string, count: number): void {
    this.#wanted.set(service, this.#names(service, Math.min(Math.max(1, count), instancesMax)))
  }

  #names(service: string, count: number): readonly string[] {
    return this.several ? Array.from({ length: count }, (_, index) => `${service}.${index + 1}`) : [service]
  }
}
