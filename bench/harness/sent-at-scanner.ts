// Reads a stream of server-sent events: counts complete events and finds when their messages were sent.
// Invariant: an event counts when its last byte has arrived, wherever the chunks end.

const sentAtIn = /"sentAt":([\d.]+)/

/** The events that a chunk completed. */
export interface Scanned {
  /** How many snapshots. */
  readonly snapshots: number
  /** When each message was sent. */
  readonly puts: readonly number[]
}

/** Scans one stream. */
export class SentAtScanner {
  #rest = ''

  /** Takes the next chunk. */
  push(chunk: string): Scanned {
    const events = (this.#rest + chunk).split('\n\n')
    this.#rest = events.pop() ?? ''
    let snapshots = 0
    const puts: number[] = []
    for (const event of events) {
      if (event.startsWith('event: snapshot\n')) snapshots += 1
      else if (event.startsWith('event: put\n')) puts.push(Number(sentAtIn.exec(event)?.[1]))
    }
    return { snapshots, puts }
  }
}
