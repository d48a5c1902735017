// The connection of a request on Node's server.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Connection } from '@tidings/http'

/** A connection with Node's own request and response. The address is read lazily. */
export class NodeConnection implements Connection {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse

  constructor(incoming: IncomingMessage, outgoing: ServerResponse) {
    this.incoming = incoming
    this.outgoing = outgoing
  }

  get address(): string | undefined {
    return this.incoming.socket.remoteAddress
  }
}
