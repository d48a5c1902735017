// Asks the main thread what it is doing, although it is blocked: through its inspector, which interrupts running JavaScript, even an endless
// loop, and stops it where it is. Only native code, such as a long SQL statement, cannot be interrupted. Until it is asked, this costs nothing.

import { type Debugger, type Runtime, Session } from 'node:inspector'
import { type Account, type AskedByWatchdog, askedSymbol } from './watchdog-messages.ts'

/** What the main thread is doing. */
export interface MainThread {
  /** The stack, innermost first, through every `await`, as lines of text: `    at spin (file:///app/spin.ts:3:9)`. */
  readonly stack: readonly string[]
  /** What the main thread says about itself; `undefined` if it could not be asked. */
  readonly account: Account | undefined
}

/** A main thread that stands still where it was interrupted. */
export interface Interrupted extends MainThread {
  /** Lets it go on as if nothing had happened. */
  resume(): void
}

const stackExpression = `(() => {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 100
  const { stack } = new Error()
  Error.stackTraceLimit = limit
  return stack
})()`
const asking = (what: keyof AskedByWatchdog) => `globalThis[Symbol.for(${JSON.stringify(askedSymbol)})]?.${what}()`

/** Interrupts the main thread and asks it; `undefined` if it does not answer in time, because it is in native code. */
export async function askMainThread(timeoutMs: number): Promise<Interrupted | undefined> {
  const session = new Session()
  session.connectToMainThread()
  const late = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => late.resolve(undefined), timeoutMs)
  try {
    const paused = new Promise<Debugger.PausedEventDataType>((resolve) =>
      session.once('Debugger.paused', ({ params }) => resolve(params)),
    )
    session.post('Debugger.enable')
    session.post('Debugger.pause')
    const asked = paused.then(async ({ callFrames }) => {
      const about = await mainThread(session, callFrames)
      return { ...about, resume: () => resume(session) }
    })
    asked.catch(() => {})
    const answer = await Promise.race([asked, late.promise])
    // Should it be interrupted after all, it must not stand still for ever.
    if (answer === undefined) session.on('Debugger.paused', () => resume(session))
    return answer
  } finally {
    clearTimeout(timer)
  }
}

/** Lets signals end the process from now on. The main thread goes on at once. */
export function letSignalsEnd(): void {
  const session = new Session()
  session.connectToMainThread()
  session.post('Runtime.evaluate', { expression: asking('letSignalsEnd') }, () => session.disconnect())
}

function resume(session: Session): void {
  session.post('Debugger.resume')
  session.post('Debugger.disable')
  session.disconnect()
}

async function mainThread(session: Session, callFrames: readonly Debugger.CallFrame[]): Promise<MainThread> {
  const [innermost] = callFrames
  const stack = innermost && (await textOf(session, 'Debugger.evaluateOnCallFrame', evaluation(innermost.callFrameId)))
  const account = await textOf(session, 'Runtime.evaluate', { expression: asking('account'), returnByValue: true })
  return {
    // The first line is the message, the second the evaluation itself.
    stack: stack?.split('\n').filter((line) => !line.includes('eval at ') && /^\s+at /.test(line)) ?? [],
    account: account === undefined ? undefined : (JSON.parse(account) as Account),
  }
}

const evaluation = (callFrameId: string) => ({
  callFrameId,
  expression: stackExpression,
  silent: true,
  returnByValue: true,
})

function textOf(session: Session, method: string, parameters: object): Promise<string | undefined> {
  return new Promise((resolve) => {
    session.post(method, parameters, (error: Error | null, answer?: object) => {
      const result = (answer as Runtime.EvaluateReturnType | undefined)?.result
      resolve(error === null && typeof result?.value === 'string' ? result.value : undefined)
    })
  })
}
