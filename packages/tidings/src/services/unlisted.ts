// Functions that a file declares and nothing lists in `with`: they compile, and never run. A function that any `with` of the service lists counts
// as listed. Projections and processes are chains, in which every step is a declaration, so they are not watched.

import type { Declaration } from './declarations.ts'

/** The functions of one definition that are not listed yet. */
export class UnlistedFunctions {
  readonly #waiting = new Set<Declaration>()

  /** Notes a declared function, and returns it. */
  declared<D extends Declaration>(declaration: D): D {
    this.#waiting.add(declaration)
    return declaration
  }

  /** Notes the functions that are listed. */
  listed(parts: readonly Declaration[]): void {
    for (const part of parts) this.#waiting.delete(part)
  }

  /** What is not listed, in words: `the handler of shop.order-placed`. */
  words(): readonly string[] {
    return [...this.#waiting].map(wordsOf)
  }
}

function wordsOf(declaration: Declaration): string {
  switch (declaration.kind) {
    case 'handler':
      return `the handler of ${declaration.event.name}`
    case 'command-handler':
      return `the handler of command ${declaration.command.name}`
    case 'query-handler':
      return `the handler of query ${declaration.query.name}`
    case 'live-query-handler':
      return `the live query ${declaration.live.name}`
    case 'decider-handler':
      return `the decider ${declaration.decider.name}`
    case 'timer-handler':
      return `the handler of timer ${declaration.timer}`
    case 'effect-handler':
      return `the function that performs ${declaration.effect.name}`
    default:
      return `the ${declaration.kind} ${declaration.name}`
  }
}
