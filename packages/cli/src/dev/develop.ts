// The loop of `tidings dev`: run the system, watch its files, restart it. Prints its addresses, and one line for each change.

import path from 'node:path'
import { type Config, readBlockedNote } from '@tidings/node'
import { exposureText } from '../system/exposure.ts'
import { fieldLines } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { blue, bold, dim, green, red, type Text, wrapped, yellow } from '../terminal/text.ts'
import { clockText, countOf, durationText } from '../terminal/time-text.ts'
import { CommandFailure, isFailureKind } from '../usage/command-failure.ts'
import { exitCodes } from '../usage/exit-codes.ts'
import type { ChildOptions, FromChild } from './dev-messages.ts'
import { nextPause } from './restart-pause.ts'
import { type Ending, type SystemProcess, startProcess } from './system-process.ts'
import { type FileWatch, watchFiles } from './watch-files.ts'

/** The options of a development run. */
export interface DevelopOptions {
  readonly terminal: Terminal
  readonly cwd: string
  readonly interrupted: AbortSignal
  /** Prints JSON lines. */
  readonly json: boolean
  /** Watches files and restarts the system when they change. */
  readonly reload: boolean
  /** Node's own options for the process, such as `--inspect`. */
  readonly execArgv: readonly string[]
  readonly child: ChildOptions
  /** The services, as they are declared when it begins. */
  readonly config: Pick<Config, 'services'>
  /** The data folder. */
  readonly data: string
  /** Completes the commands in backquotes of a text. */
  readonly complete: (text: string) => string
}

/** Runs the system until interrupted. */
export async function develop(options: DevelopOptions): Promise<void> {
  const developing = new Development(options)
  await developing.run()
}

class Development {
  readonly #options: DevelopOptions
  readonly #watch: FileWatch
  /** The files that have changed since the running process was started. */
  #changes: string[] = []
  #notice: () => void = () => {}
  #port: number | undefined
  #startedOnce = false
  #deaths = 0
  /** When the running process had started. */
  #startedAt: number | undefined
  #startedEver = false
  #failure: (FromChild & { readonly kind: 'failed' }) | undefined

  constructor(options: DevelopOptions) {
    this.#options = options
    this.#port = options.child.port
    this.#watch = watchFiles((files) => {
      this.#changes.push(...files)
      this.#notice()
    })
    if (options.reload) this.#watch.add([options.child.config])
  }

  async run(): Promise<void> {
    const { interrupted } = this.#options
    interrupted.addEventListener('abort', () => this.#notice())
    let because: readonly string[] = []
    while (!interrupted.aborted) {
      const running = this.#start(because)
      const next = await Promise.race([running.ended, this.#changed()])
      if (next === undefined) {
        await running.stop()
        because = this.#changes
        this.#deaths = 0
      } else {
        // If the system could not start and no change of a file can repair it, waiting for one would be waiting for ever.
        const repairable = this.#options.reload && this.#failure?.repairable !== false
        if (!this.#startedOnce && !repairable && (!this.#startedEver || !this.#options.reload)) {
          this.#watch.close()
          throw this.#couldNotStart(next.code)
        }
        because = await this.#afterEnd(next, !this.#startedOnce && repairable)
      }
      this.#changes = []
    }
    this.#watch.close()
    this.#say({ kind: 'ended' }, dim('Ended.'))
  }

  #couldNotStart(exitCode: number | null): CommandFailure {
    const [kind = 'failed'] = Object.entries(exitCodes).find(([, code]) => code === exitCode) ?? []
    const message = this.#failure?.message ?? 'The system ended before it was ready.'
    const { hint, code } = this.#failure ?? {}
    return new CommandFailure(isFailureKind(kind) ? kind : 'failed', message, hint ?? undefined, code)
  }

  /** Resolves when a file has changed or the run is interrupted. */
  #changed(): Promise<undefined> {
    return new Promise((resolve) => {
      const check = () => {
        if (this.#changes.length > 0 || this.#options.interrupted.aborted) resolve(undefined)
      }
      this.#notice = check
      check()
    })
  }

  // If the process could not start, waits for a change; if it died while it ran, restarts it after a pause.
  async #afterEnd({ code, signal }: Ending, wait: boolean): Promise<readonly string[]> {
    if (wait) {
      this.#say({ kind: 'waiting' }, dim('Waiting for a file to change.'))
      await this.#changed()
      return this.#changes
    }
    const { deaths, pauseMs } = nextPause(this.#deaths, this.#ranMs)
    this.#deaths = deaths
    const how = signal === null ? `with exit code ${code}` : `by ${signal}`
    this.#say({ kind: 'died', code, signal, restartInMs: pauseMs }, [
      red('✗ '),
      `The system ended unexpectedly, ${how}; it restarts`,
      dim(` in ${durationText(pauseMs)}`),
    ])
    const timer = Promise.withResolvers<undefined>()
    const timeout = setTimeout(() => timer.resolve(undefined), pauseMs)
    await Promise.race([timer.promise, this.#changed()])
    clearTimeout(timeout)
    return this.#changes
  }

  // The time for which it was blocked is no sign of health.
  get #ranMs(): number {
    if (this.#startedAt === undefined) return 0
    const { config, data } = this.#options
    const notes = config.services.map(({ name }) => readBlockedNote(data, name))
    const blocked = notes.find((note) => note?.ended === true)
    return performance.now() - this.#startedAt - (blocked?.blockedMs ?? 0)
  }

  #start(because: readonly string[]): SystemProcess {
    const startedAt = performance.now()
    this.#startedAt = undefined
    const child = { ...this.#options.child, port: this.#port }
    this.#startedOnce = false
    this.#failure = undefined
    return startProcess(child, this.#options.execArgv, (message) => this.#receive(message, because, startedAt))
  }

  #receive(message: FromChild, because: readonly string[], startedAt: number): void {
    if (message.kind === 'loaded') {
      if (this.#options.reload) this.#watch.add(message.files)
    } else if (message.kind === 'failed') this.#failed(message, because)
    else this.#started(message, because, performance.now() - startedAt)
  }

  #started(message: FromChild & { kind: 'started' }, because: readonly string[], tookMs: number): void {
    this.#startedOnce = true
    this.#startedAt = performance.now()
    this.#startedEver = true
    const first = because.length === 0 && this.#deaths === 0
    // The next run keeps the address, even if the system chose the port.
    if (message.http !== null) this.#port = Number(new URL(message.http).port)
    const json = { ...message, changed: because.map((file) => this.#relative(file)), tookMs: Math.round(tookMs) }
    if (!first) {
      this.#say(json, [this.#changeText(because), dim(`  restarted in ${durationText(tookMs)}`)])
      return
    }
    const { terminal } = this.#options
    this.#say(json, [bold(message.system), dim(`  ${countOf(message.services.length, 'service')} in one process`)])
    if (this.#options.json) return
    const none = dim('none')
    const fields: [string, Text][] = [
      ['http', message.http === null ? none : blue(message.http)],
      ['control', message.control === null ? none : blue(message.control)],
      ['services', message.services.join(', ')],
      ['exposed', exposureText(message)],
      ['engine', message.durability],
    ]
    if (message.debugged) fields.push(['debugger', yellow('attached; handlers and lookups do not time out')])
    terminal.lines(fieldLines(fields, terminal.width))
    terminal.line()
    const restarts = this.#options.reload ? 'Restarts when a file changes. ' : ''
    terminal.line(dim(`${restarts}Press Ctrl-C to end. Ready in ${durationText(tookMs)}.`))
  }

  #failed(message: FromChild & { kind: 'failed' }, because: readonly string[]): void {
    const { code, hint, repairable } = message
    this.#failure = message
    if (!this.#options.reload || (!repairable && !this.#startedEver)) return
    this.#say(
      { kind: 'failed', changed: because.map((file) => this.#relative(file)), code, message: message.message, hint },
      [because.length === 0 ? '' : [this.#changeText(because), '  '], red('✗ '), message.message, dim(`  ${code}`)],
    )
    if (hint !== null && !this.#options.json) {
      const { terminal, complete } = this.#options
      terminal.lines(wrapped(dim(complete(hint)), terminal.width - 2).map((line) => ['  ', line]))
    }
  }

  #changeText(files: readonly string[]): Text {
    const [first, ...more] = files
    if (first === undefined) return [dim(clockText(Date.now()).slice(0, 8)), green(' ↻')]
    const others = more.length === 0 ? '' : dim(` and ${more.length} more`)
    return [dim(clockText(Date.now()).slice(0, 8)), green(' ↻ '), this.#relative(first), others]
  }

  #relative(file: string): string {
    const { child, cwd } = this.#options
    const inside = path.relative(path.dirname(child.config), file)
    return inside.startsWith('..') ? path.relative(cwd, file) : inside
  }

  #say(json: object, text: Text): void {
    if (this.#options.json) this.#options.terminal.json(json, true)
    else this.#options.terminal.lines(wrapped(text, this.#options.terminal.width))
  }
}
