// What the process that watches and the process that runs the system tell each other.

/** From the process that runs the system. */
export type FromChild =
  | { readonly kind: 'loaded'; readonly files: readonly string[] }
  | {
      readonly kind: 'started'
      readonly system: string
      readonly services: readonly string[]
      readonly doors: string | null
      readonly control: string | null
      readonly durability: string
      readonly debugged: boolean
    }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly hint: string | null }

/** To the process that runs the system. */
export interface ToChild {
  readonly kind: 'stop'
}

/** What the process that runs the system is started with. */
export interface ChildOptions {
  /** The configuration's file. */
  readonly config: string
  /** The folder of the data; the configuration's own by default. */
  readonly data: string | undefined
  /** The port of the HTTP API; the configuration's own by default. */
  readonly port: number | undefined
  /** The least log level that is shown. */
  readonly log: string
  /** Log lines as JSON. */
  readonly json: boolean
  /** Services to run; all by default. */
  readonly services: readonly string[] | undefined
}
