// Where threads gets its linker from. A stand-in until the linker is here.
export interface Memory {
  readonly last: string | null
}
export const nothingHeard: Memory = { last: null }
export const linkMessage = (
  memory: Memory,
  heard: { messageId: string; author: string; text: string; at: number; action: boolean },
) => ({ memory: { last: heard.messageId }, answers: memory.last })
export const isQuestion = (text: string) => text.endsWith('?')
