// Posting, editing, redacting and reacting to messages. A failure shows its reason, and the text is kept.

import { command } from './api.js'
import { filePayload, fileProblem } from './files.js'
import { timedId } from './ids.js'
import { emptyComposing } from './store.js'

/** @typedef {import('./store.js').Message} Message */

/** @param {import('./store.js').Store} store */
export function composeActions(store) {
  /** @type {Map<string, string>} */
  const drafts = new Map()
  // A message that is sent again after a failure keeps its id, so it is posted once.
  /** @type {{ about: string, messageId: string, attachmentId: string } | null} */
  let pending = null

  const idsFor = (/** @type {string} */ about) => {
    if (pending?.about !== about) pending = { about, messageId: timedId(), attachmentId: timedId() }
    return pending
  }

  const post = async () => {
    const { me, roomId, composing } = store.state
    const { text, file } = composing
    if (me === null || roomId === null) return
    const action = /^\/me\s/.test(text)
    const { messageId, attachmentId } = idsFor(`${roomId}\n${file?.name}\n${file?.lastModified}\n${text}`)
    if (file !== null) {
      const added = { attachmentId, roomId, memberId: me.memberId, ...(await filePayload(file)) }
      await command('attachments', 'add-attachment', added)
    }
    await command(
      'rooms',
      'post-message',
      {
        ...{ messageId, roomId, authorId: me.memberId },
        ...{ text: action ? text.slice(4) : text, action, attachmentId: file === null ? null : attachmentId },
      },
      `post/${messageId}`,
    )
    pending = null
  }

  const edit = async (/** @type {string} */ messageId) => {
    const { me, composing } = store.state
    if (me === null) return
    await command('rooms', 'edit-message', { messageId, memberId: me.memberId, text: composing.text })
  }

  const showError = (/** @type {unknown} */ error) =>
    store.compose({ sending: false, error: error instanceof Error ? error.message : String(error) })

  const own = async (/** @type {string} */ name, /** @type {object} */ input) => {
    const { me } = store.state
    if (me === null) return store.set({ dialog: 'you' })
    try {
      await command('rooms', name, { memberId: me.memberId, ...input })
      store.compose({ error: null })
    } catch (error) {
      showError(error)
    }
  }

  /** The message that is being sent. @type {import('./store.js').State['composing'] | null} */
  let sent = null
  let again = false

  const send = async () => {
    const { composing, me } = store.state
    if (me === null) return store.set({ dialog: 'you' })
    if (composing.text.trim() === '' && composing.file === null) return
    // A new text while a message is being sent: it is sent after that one.
    if (sent !== null) {
      again = composing.text !== sent.text
      return
    }
    sent = composing
    store.compose({ sending: true, error: null })
    try {
      await (composing.editing === null ? post() : edit(composing.editing))
      store.set({ composing: without(composing) })
    } catch (error) {
      again = false
      showError(error)
    } finally {
      sent = null
    }
    if (!again) return
    again = false
    await send()
  }

  // A text that was written while a message was being sent is kept.
  const without = (/** @type {import('./store.js').State['composing']} */ { text, file, editing }) => {
    const now = store.state.composing
    if (now.editing !== editing) return { ...now, sending: false }
    const draft = editing === null ? '' : (drafts.get('before-edit') ?? '')
    if (editing !== null) drafts.clear()
    return { ...emptyComposing, text: now.text === text ? draft : now.text, file: now.file === file ? null : now.file }
  }

  return {
    /** @param {string} text */
    write(text) {
      store.compose({ text, error: null })
    },

    send,

    /** @param {Message} message */
    edit(message) {
      const { composing } = store.state
      if (composing.editing === null) drafts.set('before-edit', composing.text)
      store.set({ opened: null, composing: { ...emptyComposing, text: message.text, editing: message.messageId } })
    },

    cancelEdit() {
      store.set({ composing: { ...emptyComposing, text: drafts.get('before-edit') ?? '' } })
      drafts.clear()
    },

    /** @param {File | null} file */
    attach(file) {
      const error = file === null ? null : fileProblem(file)
      store.compose({ file: error === null ? file : null, error })
    },

    /** @param {string} messageId */
    async redact(messageId) {
      store.set({ opened: null })
      await own('redact-message', { messageId })
    },

    /**
     * @param {Message} message
     * @param {string} emoji
     */
    async react({ messageId, reactions }, emoji) {
      const mine = store.state.me?.memberId ?? ''
      store.set({ opened: null })
      await own('react-to-message', { messageId, emoji, on: !(reactions[emoji] ?? []).includes(mine) })
    },
  }
}
