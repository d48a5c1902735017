// Answers with the entries of a room, the list of rooms, or one message.
import { MessageById, RoomList, RoomMessages } from './contract.ts'
import { rooms } from './service.ts'

export const roomMessages = rooms.query(RoomMessages, async ({ roomId, before, limit }, { readModels }) => {
  const options = { reverse: true, limit, ...(before === undefined ? {} : { after: before }) }
  return (await readModels.entries.find('roomId', roomId, options)).toReversed()
})

export const listRooms = rooms.query(RoomList, async (_, { readModels }) => [...(await readModels.roomList.list())])

export const messageById = rooms.query(MessageById, async ({ messageId }, { readModels }) => {
  const found = await readModels.places.get(messageId)
  const entry = found === undefined ? undefined : await readModels.entries.get(found.place)
  return entry?.kind === 'message' ? entry : undefined
})
