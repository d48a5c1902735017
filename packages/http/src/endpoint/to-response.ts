// Turns an answer into a `Response` of the web platform. A stream buffers at most `bufferBytes` and one more piece. It ends when the
// reader cancels or the request is aborted.

import type { Answer, StreamBody, StreamSink } from './answer.ts'

/** How many bytes may wait for the reader before a stream counts as full. */
const bufferBytes = 65_536

/** Makes the `Response` for an answer to the given request, or to one that could not be read. */
export function toResponse({ status, headers, body }: Answer, request?: Request): Response {
  if (body === null || typeof body === 'string')
    return new Response(request?.method === 'HEAD' ? null : body, { status, headers })
  if (request === undefined || request.method === 'HEAD' || request.signal.aborted) {
    body.cancel()
    return new Response(null, { status, headers })
  }
  return new Response(toStream(body, request.signal), { status, headers })
}

function toStream(body: StreamBody, signal: AbortSignal): ReadableStream<Uint8Array> {
  let sink: ControllerSink | undefined
  const abort = () => sink?.destroy()
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        sink = new ControllerSink(controller, () => {
          signal.removeEventListener('abort', abort)
          body.cancel()
        })
        signal.addEventListener('abort', abort)
        body.start(sink)
      },
      pull: () => sink?.take(),
      cancel: () => sink?.close(),
    },
    { highWaterMark: bufferBytes, size: (bytes) => bytes?.byteLength ?? 0 },
  )
}

/** A sink over the controller of a stream. */
class ControllerSink implements StreamSink {
  readonly #controller: ReadableStreamDefaultController<Uint8Array>
  readonly #onClose: () => void
  #closed = false
  #wake: () => void = () => {}

  constructor(controller: ReadableStreamDefaultController<Uint8Array>, onClose: () => void) {
    this.#controller = controller
    this.#onClose = onClose
  }

  get isFull(): boolean {
    return !this.#closed && (this.#controller.desiredSize ?? 0) <= 0
  }

  write(bytes: Uint8Array): boolean {
    if (this.#closed) return true
    this.#controller.enqueue(bytes)
    return !this.isFull
  }

  drained(): Promise<void> {
    if (!this.isFull) return Promise.resolve()
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  end(): void {
    if (this.#closed) return
    this.#controller.close()
    this.close()
  }

  destroy(): void {
    if (this.#closed) return
    this.#controller.error(new DOMException('The stream was aborted.', 'AbortError'))
    this.close()
  }

  /** Called when the reader has taken something. */
  take(): void {
    if (!this.isFull) this.#wake()
  }

  /** Stops writing and releases the body. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#wake()
    this.#onClose()
  }
}
