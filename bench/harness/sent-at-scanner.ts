// Reads a stream of server-sent events as far as the readers need it: which events are complete, and when what they show was sent.
// Invariant: an event counts when its last byte is there, wherever the pieces are cut.

const sentAtIn = /"sentAt":([\d.]+)/

/** What a piece completed. */
export interface Scanned {
  /** How many first pictures. */
  readonly snapshots: number
  /** When each message was sent. */
  readonly puts: readonly number[]
}

/** Scans one stream. */
export class SentAtScanner {
  #rest = ''

  /** Takes the next piece. */
  push(piece: string): Scanned {
    const events = (this.#rest + piece).split('\n\n')
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
