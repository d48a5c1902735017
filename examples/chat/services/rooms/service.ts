// The service `rooms`: the history of every room and every message, and the current entries of each room.
import { defineService, defineTable, replicaOf } from 'tidings'
import { MemberChanged } from '../members/contract.ts'
import {
  MessageEdited,
  MessagePosted,
  MessageReacted,
  MessageRedacted,
  MessageView,
  NoticePosted,
  RoomEntered,
  RoomEntry,
  RoomLeft,
  RoomOpened,
  RoomView,
} from './contract.ts'

/** The entries of all rooms, by place; written in the same commit as the facts, so that a sender sees their message at once. */
export const entries = defineTable('entries')
  .version(1, RoomEntry)
  .key((entry) => entry.place)
  .index('roomId')

/** The place of each message. */
export const places = defineTable('places')
  .version(1, MessageView.pick({ messageId: true, place: true }))
  .key((message) => message.messageId)

/** The rooms, written after the facts: every message of a room changes its row, and must not wait for it. */
export const roomList = defineTable('room-list')
  .version(1, RoomView)
  .key((room) => room.roomId)

export const rooms = defineService('rooms', {
  description: 'What is said and done in the rooms.',
  publishes: [
    RoomOpened,
    RoomEntered,
    RoomLeft,
    NoticePosted,
    MessagePosted,
    MessageEdited,
    MessageRedacted,
    MessageReacted,
  ],
  readModels: { entries, places, roomList },
  replicas: { members: replicaOf(MemberChanged) },
  // How long a sender waits for a member who has just been registered.
  limits: { requireTimeoutMs: 1_000 },
})
