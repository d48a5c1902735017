// The rejection of everything that happens in a room that was never opened.
import { type Rejection, reject } from 'tidings'

/** Rejects with `unknown-room`. */
export const unknownRoom = (roomId: string): Rejection => reject('unknown-room', `There is no room ${roomId}.`)
