// Runs the system for the rig: starts its supervisor, restarts it after it was killed, and finds the processes of the services.
// Invariant: a process is a victim only while it is a child of the supervisor that the rig has started.
import { type ChildProcess, fork } from 'node:child_process'
import { openSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type ControlClient, controlClients } from '@tidings/node'

/** The data folder and environment of the system. */
export interface SystemOptions {
  readonly data: string
  readonly environment: Readonly<Record<string, string>>
}

const entry = resolve(import.meta.dirname, 'system.ts')
const configFile = resolve(import.meta.dirname, 'rig.config.ts')
const endMs = 20_000

/** The running system. */
export class RunningSystem {
  readonly #options: SystemOptions
  readonly #log: number
  #supervisor: ChildProcess | undefined
  #ready = Promise.withResolvers<void>()
  #ending = false
  #victims: ReadonlyMap<string, number> = new Map()
  #polling: NodeJS.Timeout | undefined

  constructor(options: SystemOptions) {
    this.#options = options
    this.#log = openSync(join(options.data, 'system.log'), 'a')
  }

  /** Starts it; resolves when every service is up. */
  async start(): Promise<void> {
    this.#fork()
    this.#polling = setInterval(() => void this.#findVictims(), 100)
    await this.#ready.promise
  }

  /** The control endpoints of the services that are running now. */
  async clients(): Promise<readonly ControlClient[]> {
    return (await controlClients(this.#options.data)).filter(({ run }) => run.services.length > 0)
  }

  /** The processes of the services, by service. */
  get victims(): ReadonlyMap<string, number> {
    return this.#victims
  }

  /** The process of the supervisor. */
  get pid(): number | undefined {
    return this.#supervisor?.pid
  }

  /** Kills the supervisor; its children end by themselves, and everything is restarted. Returns whether there was a supervisor. */
  kill(): boolean {
    this.#victims = new Map()
    return this.#supervisor?.kill('SIGKILL') ?? false
  }

  /** Ends it with SIGTERM, and with SIGKILL if that takes too long. */
  async close(): Promise<void> {
    this.#ending = true
    clearInterval(this.#polling)
    const supervisor = this.#supervisor
    if (supervisor === undefined) return
    const ended = new Promise<void>((settle) => {
      supervisor.once('exit', () => settle())
    })
    supervisor.kill('SIGTERM')
    const late = setTimeout(() => supervisor.kill('SIGKILL'), endMs)
    await ended
    clearTimeout(late)
  }

  #fork(): void {
    const { data, environment } = this.#options
    const supervisor = fork(entry, [configFile, data], {
      execArgv: [],
      env: { ...process.env, ...environment },
      stdio: ['ignore', this.#log, this.#log, 'ipc'],
    })
    this.#supervisor = supervisor
    supervisor.on('message', () => this.#ready.resolve())
    supervisor.on('error', () => {})
    supervisor.on('exit', (code) => {
      this.#supervisor = undefined
      this.#victims = new Map()
      if (this.#ending) return
      if (code === null || code === 0) this.#fork()
      else this.#ready.reject(new Error(`The system could not start; see ${join(data, 'system.log')}.`))
    })
  }

  async #findVictims(): Promise<void> {
    const supervisor = this.#supervisor?.pid
    if (supervisor === undefined) return
    const children = childrenOf(supervisor)
    const found = (await this.clients()).flatMap(({ run }) => {
      const [service] = run.services
      const isOurs = service !== undefined && (children?.has(run.pid) ?? true)
      return isOurs ? [[service, run.pid] as const] : []
    })
    if (this.#supervisor?.pid === supervisor) this.#victims = new Map(found)
  }
}

// `undefined` if the machine has no `/proc`; then the run files alone are used.
function childrenOf(parent: number): ReadonlySet<number> | undefined {
  try {
    const text = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8')
    return new Set(text.split(' ').map(Number))
  } catch {
    return undefined
  }
}
