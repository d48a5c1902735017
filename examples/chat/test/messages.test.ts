// The decider of a message alone: who may change what, and that the same input again changes nothing.
import { given } from '@tidings/testing'
import { expect, test } from 'vitest'
import { Emoji } from '../services/rooms/contract.ts'
import { message } from '../services/rooms/message.ts'
import { reactionCountMax } from '../services/rooms/message-state.ts'

const posted = {
  ...{ roomId: 'r1', authorId: 'm1', authorName: 'ann', text: 'Who knows vi?', action: false, attachmentId: null },
}
const said = given(message, [['posted', posted]])
const edit = { messageId: 'a', memberId: 'm1', text: 'Who knows vim?' }
const like = { messageId: 'a', memberId: 'm2', emoji: '👍', on: true }

test('a message is posted once, under one id', () => {
  given(message)
    .when('RecordMessage', { messageId: 'a', ...posted })
    .then([['posted', posted]])
  said.when('RecordMessage', { messageId: 'a', ...posted }).thenNothing()
  // The author's name comes from the replica; sending the message again may find another one.
  said.when('RecordMessage', { messageId: 'a', ...posted, authorName: 'm1' }).thenNothing()
  said.when('RecordMessage', { messageId: 'a', ...posted, text: 'Me.' }).thenRejected('already-posted')
  said.when('RecordMessage', { messageId: 'a', ...posted, roomId: 'r2' }).thenRejected('already-posted')
  said.when('RecordMessage', { messageId: 'a', ...posted, attachmentId: 'f1' }).thenRejected('already-posted')
})

test('a late repetition does not post an edited or redacted message again', () => {
  const edited = [
    ['posted', posted],
    ['edited', { text: 'Never mind.' }],
  ] as const
  given(message, [...edited])
    .when('RecordMessage', { messageId: 'a', ...posted })
    .thenNothing()
  given(message, [...edited, ['redacted', {}]])
    .when('RecordMessage', { messageId: 'a', ...posted })
    .thenNothing()
})

test('only its author may edit it', () => {
  said.when('EditMessage', edit).then([['edited', { text: 'Who knows vim?' }]])
  said.when('EditMessage', { ...edit, text: posted.text }).thenNothing()
  said.when('EditMessage', { ...edit, memberId: 'm2' }).thenRejected('not-author')
  said.when('EditMessage', { ...edit, text: '' }).thenRejected('empty-message')
  given(message).when('EditMessage', edit).thenRejected('unknown-message')
  given(message, [['posted', { ...posted, attachmentId: 'f1' }]])
    .when('EditMessage', { ...edit, text: '' })
    .then([['edited', { text: '' }]])
})

test('its author redacts it, once; then it cannot be edited or reacted to', () => {
  said.when('RedactMessage', { messageId: 'a', memberId: 'm1' }).then([['redacted', {}]])
  said.when('RedactMessage', { messageId: 'a', memberId: 'm2' }).thenRejected('not-author')
  const gone = given(message, [
    ['posted', posted],
    ['reacted', { emoji: '👍', memberId: 'm2' }],
    ['redacted', {}],
  ])
  gone.when('RedactMessage', { messageId: 'a', memberId: 'm1' }).thenNothing()
  gone.when('EditMessage', edit).thenRejected('redacted')
  gone.when('ReactToMessage', like).thenRejected('redacted')
  gone.when('ReactToMessage', { ...like, on: false }).thenRejected('redacted')
  const { authorName: _, ...state } = { ...posted, text: '' }
  gone.thenState({ posted: state, edited: false, redacted: true, reactions: {} })
})

test('the same reaction again changes nothing', () => {
  said.when('ReactToMessage', like).then([['reacted', { emoji: '👍', memberId: 'm2' }]])
  said.when('ReactToMessage', { ...like, on: false }).thenNothing()
  const liked = given(message, [
    ['posted', posted],
    ['reacted', { emoji: '👍', memberId: 'm2' }],
  ])
  liked.when('ReactToMessage', like).thenNothing()
  liked.when('ReactToMessage', { ...like, memberId: 'm1' }).then([['reacted', { emoji: '👍', memberId: 'm1' }]])
  const { authorName: _, ...state } = posted
  liked
    .when('ReactToMessage', { ...like, on: false })
    .then([['unreacted', { emoji: '👍', memberId: 'm2' }]])
    .andState({ posted: state, edited: false, redacted: false, reactions: {} })
  given(message).when('ReactToMessage', like).thenRejected('unknown-message')
})

test('a message has a limited number of reactions', () => {
  const crowd = Array.from({ length: reactionCountMax }, (_, index) => {
    return ['reacted', { emoji: '👍', memberId: `m${index}` }] as const
  })
  const full = given(message, [['posted', posted], ...crowd])
  full.when('ReactToMessage', { ...like, memberId: 'late' }).thenRejected('too-many-reactions')
  full
    .when('ReactToMessage', { ...like, memberId: 'm7', on: false })
    .then([['unreacted', { emoji: '👍', memberId: 'm7' }]])
})

test('a reaction is one emoji, as people count them', () => {
  const isEmoji = (text: string) => Emoji.safeParse(text).success
  const one = ['👍', '👍🏽', '❤️', '👩🏽‍🚀', '👨‍👩‍👧‍👦', '🇪🇺', '1️⃣', '🏴󠁧󠁢󠁳󠁣󠁴󠁿']
  expect(one.filter((text) => !isEmoji(text))).toEqual([])
  const none = ['', 'a', '1', '👍👍', '👍 ', '❤', '🇪', '\u200d', '<b>', '\u202e👍', '🏽‍'.repeat(40)]
  expect(none.filter(isEmoji)).toEqual([])
})
