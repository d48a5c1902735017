// The rig's hold on the system: starts its supervisor, starts it again when it was killed, and knows which processes are its services'.
// Invariant: a process counts as a victim only while it is a child of the supervisor that the rig itself has started.
import { type ChildProcess, fork } from 'node:child_process'
import { openSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type ControlClient, controlClients } from '@tidings/node'

/** Where the system runs. */
export interface SystemOptions {
  readonly data: string
  readonly environment: Readonly<Record<string, string>>
}

const entry = resolve(import.meta.dirname, 'system.ts')
const configFile = resolve(import.meta.dirname, 'rig.config.ts')
const endMs = 20_000

/** The system while it runs. */
export class RunningSystem {
  readonly #options: SystemOptions
  readonly #log: number
  #supervisor: ChildProcess | undefined
  #ready = Promise.withResolvers<void>()
  #ending = false
  #victims: ReadonlyMap<string, number> = new Map()
  #look: NodeJS.Timeout | undefined

  constructor(options: SystemOptions) {
    this.#options = options
    this.#log = openSync(join(options.data, 'system.log'), 'a')
  }

  /** Starts it; resolves when every service is up. */
  async start(): Promise<void> {
    this.#fork()
    this.#look = setInterval(() => void this.#lookForVictims(), 100)
    await this.#ready.promise
  }

  /** The control endpoints of the services that run just now. */
  async clients(): Promise<readonly ControlClient[]> {
    return (await controlClients(this.#options.data)).filter(({ run }) => run.services.length > 0)
  }

  /** The processes of the services, by service. */
  get victims(): ReadonlyMap<string, number> {
    return this.#victims
  }

  /** Kills the supervisor; its children end by themselves, and all is started again. Says whether there was one. */
  kill(): boolean {
    this.#victims = new Map()
    return this.#supervisor?.kill('SIGKILL') ?? false
  }

  /** Ends it: asked first, then killed. */
  async close(): Promise<void> {
    this.#ending = true
    clearInterval(this.#look)
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

  async #lookForVictims(): Promise<void> {
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

// Nothing where the system has no `/proc`: run files alone tell then.
function childrenOf(parent: number): ReadonlySet<number> | undefined {
  try {
    const text = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8')
    return new Set(text.split(' ').map(Number))
  } catch {
    return undefined
  }
}
