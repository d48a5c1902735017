// What `rooms` owns and says: the history of every room and every message, and what stands in each room now.
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

/** Everything that stands in a room, by its place; kept with the facts themselves, so that who posts sees it at once. */
export const entries = defineTable('entries')
  .version(1, RoomEntry)
  .key((entry) => entry.place)
  .index('roomId')

/** Where each message stands. */
export const places = defineTable('places')
  .version(1, MessageView.pick({ messageId: true, place: true }))
  .key((message) => message.messageId)

/** The rooms, kept behind the facts: a row that all messages of a room change should hold up none of them. */
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
})
