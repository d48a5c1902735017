// The rooms that exist from the start. Opening them again changes nothing.
import { createClient } from '@tidings/client'
import { OpenRoom } from '../services/rooms/contract.ts'
import rooms from '../services/rooms/index.ts'

/** The rooms; the page opens with the first one. */
export const firstRooms = [
  { roomId: 'lobby', title: 'Lobby' },
  { roomId: 'help', title: 'Help' },
  { roomId: 'garden', title: 'Garden' },
] as const

/** Opens the first rooms of a running chat, over HTTP. */
export async function openRooms(url: string): Promise<void> {
  const client = createClient({ url, services: { rooms } })
  try {
    for (const room of firstRooms) await client.rooms.command(OpenRoom, room, { idempotencyKey: `open/${room.roomId}` })
  } finally {
    client.close()
  }
}
