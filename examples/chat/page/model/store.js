// The one state of the page. It is changed only here; listeners are called once for all changes at the same time.

/** @typedef {import('../../services/members/contract.ts').Member} Member */
/** @typedef {import('../../services/rooms/contract.ts').RoomEntry} RoomEntry */
/** @typedef {Extract<RoomEntry, { kind: 'message' }>} Message */
/** @typedef {import('zod').infer<typeof import('../../services/rooms/contract.ts').RoomView>} Room */
/** @typedef {import('zod').infer<typeof import('../../services/threads/contract.ts').LinkView>} Link */
/** @typedef {import('zod').infer<typeof import('../../services/courier/contract.ts').Delivery>} Impulse */
/** @typedef {Omit<import('zod').infer<typeof import('../../services/attachments/contract.ts').AttachmentView>, 'content'>} Attachment */
/** @typedef {'narrow' | 'medium' | 'wide'} Width */

/**
 * The message that is being written.
 * @typedef {object} Composing
 * @property {string} text
 * @property {string | null} editing The message that is being changed.
 * @property {File | null} file
 * @property {string | null} error Why the last try failed; the text is still there.
 * @property {boolean} sending
 */

/** @type {Composing} */
export const emptyComposing = { text: '', editing: null, file: null, error: null, sending: false }

const initialState = {
  me: /** @type {{ memberId: string, name: string } | null} */ (null),
  members: /** @type {ReadonlyMap<string, Member>} */ (new Map()),
  rooms: /** @type {ReadonlyMap<string, Room>} */ (new Map()),
  /** How many messages of each room were seen. */
  seen: /** @type {Readonly<Record<string, number>>} */ ({}),
  roomId: /** @type {string | null} */ (null),
  /** Whether the entries of the room are loaded. */
  loaded: false,
  entries: /** @type {ReadonlyMap<string, RoomEntry>} */ (new Map()),
  hasOlder: false,
  loadingOlder: false,
  links: /** @type {ReadonlyMap<string, Link>} */ (new Map()),
  attachments: /** @type {ReadonlyMap<string, Attachment>} */ (new Map()),
  impulses: /** @type {ReadonlyMap<string, Impulse>} */ (new Map()),
  connection: /** @type {'connecting' | 'open' | 'lost'} */ ('connecting'),
  /** Services that are down; the chat goes on without them. */
  away: /** @type {ReadonlySet<string>} */ (new Set()),
  /** The message whose conversation is shown. */
  threadOf: /** @type {string | null} */ (null),
  /** Older messages of the conversation, which are not among the loaded entries. */
  fetched: /** @type {ReadonlyMap<string, Message>} */ (new Map()),
  composing: emptyComposing,
  /** The message whose actions are open, and whether its redaction is being confirmed. */
  opened: /** @type {{ messageId: string, confirming: boolean } | null} */ (null),
  /** The entry that the arrow keys have reached. */
  active: /** @type {string | null} */ (null),
  dialog: /** @type {'rooms' | 'you' | 'help' | null} */ (null),
  /** A message for screen readers. */
  said: '',
  width: /** @type {Width} */ ('wide'),
}

/** @typedef {typeof initialState} State */

/** Holds the state. */
export class Store {
  /** @type {State} */
  state = initialState
  /** @type {(() => void)[]} */
  #listeners = []
  #notifying = false

  /** @param {() => void} listener */
  onChange(listener) {
    this.#listeners.push(listener)
  }

  /** @param {Partial<State>} changes */
  set(changes) {
    this.state = { ...this.state, ...changes }
    if (this.#notifying) return
    this.#notifying = true
    queueMicrotask(() => {
      this.#notifying = false
      for (const listener of this.#listeners) listener()
    })
  }

  /** @param {Partial<Composing>} changes */
  compose(changes) {
    this.set({ composing: { ...this.state.composing, ...changes } })
  }
}
