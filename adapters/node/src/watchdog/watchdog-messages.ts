// What the main thread tells its watchdog thread. Types only.

import type { WorkInProgress } from 'tidings/runtime'
import type { CommandForm } from '../environment/printed-commands.ts'
import type { ToHealthThread } from '../health/health-messages.ts'

/** What the watchdog thread is started with. */
export interface WatchdogStart {
  readonly memory: SharedArrayBuffer
  readonly settings: WatchdogSettings
}

/** A message to the watchdog thread. What it answers is a `FromHealthThread`. */
export type ToWatchdogThread =
  | { readonly kind: 'settings'; readonly settings: WatchdogSettings }
  | { readonly kind: 'health'; readonly message: ToHealthThread }

/** What the watchdog goes by; sent anew when it changes. */
export interface WatchdogSettings {
  readonly blockedMsMax: number
  /** Whether it ends the process; otherwise it only says that it is blocked. */
  readonly endsProcess: boolean
  /** How the last line is written; `undefined` writes none. */
  readonly line:
    | { readonly format: 'json' | 'text'; readonly coloured: boolean; readonly width: number | undefined }
    | undefined
  /** The process id of the supervisor, without which the process has to end; `undefined` if it has none. */
  readonly supervisor: number | undefined
  /** What runs here, once that is known. */
  readonly system: WatchedSystem | undefined
}

/** What runs in the process. */
export interface WatchedSystem {
  readonly services: readonly string[]
  /** The system's data folder. */
  readonly directory: string
  /** How the last line prints commands. */
  readonly commands: CommandForm
}

/** What the main thread says about itself when the watchdog asks it, in the middle of what it does. */
export interface Account {
  /** The URL of the debugger that can be attached; `null` if none can. */
  readonly debugger: string | null
  readonly work: readonly WorkInProgress[]
  /** The command or query that began last, and the delivery. */
  readonly call?: WorkInProgress | undefined
  readonly delivery?: WorkInProgress | undefined
}

/** What the watchdog calls on the main thread, wherever that is interrupted. */
export interface AskedByWatchdog {
  /** Returns an `Account` as JSON. */
  account(): string
  /** Lets signals that the program listens to end the process, because it cannot hear them. */
  letSignalsEnd(): void
}

/** The name of the symbol under which the main thread keeps an `AskedByWatchdog` as a global. */
export const askedSymbol = 'tidings.watchdog'
