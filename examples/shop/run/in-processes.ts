// The shop with each service in a process of its own. Steps and questions go over HTTP to each service's own door, as its process
// names it; how the services stand, and their histories, are asked at their control endpoints. A process that is killed is missed
// until its supervisor has started it again, and nobody else notices.
import {
  type ControlClient,
  type LoadedConfig,
  type ProcessesOptions,
  type ServiceAccount,
  startProcesses,
} from '@tidings/node'
import { isTidingsError, TidingsError } from 'tidings'
import { callDoor, type DoorAnswer, doorAgent, errorOfDoor } from './door-call.ts'
import { isRefusal } from './refusal.ts'
import type { Sent, Shop } from './shop.ts'
import { tryUntilAnswered } from './try-until-answered.ts'

const pageCount = 5_000

/** Starts the shop, each service in a process of its own. */
export async function startInProcesses(config: LoadedConfig, options: ProcessesOptions): Promise<Shop> {
  const running = await startProcesses(config, config.path, options)
  const agent = doorAgent()
  const doors = new Map<string, string>()

  const clientOf = async (service: string): Promise<ControlClient> => {
    const client = (await running.clients()).find(({ run }) => run.services.includes(service))
    if (client !== undefined) return client
    throw new TidingsError('SERVICE_UNAVAILABLE', `Service ${service} is down.`)
  }
  const doorOf = async (service: string): Promise<string> => {
    const door = doors.get(service) ?? (await clientOf(service)).run.doors
    if (door === null) throw new TidingsError('SERVICE_UNAVAILABLE', `Service ${service} has no door yet.`)
    doors.set(service, door)
    return door
  }
  const post = async (service: string, path: string, input: unknown, headers = {}): Promise<DoorAnswer> => {
    try {
      return await callDoor(agent, `${await doorOf(service)}/${path}`, input, headers)
    } catch (error) {
      // Its next process has another door.
      doors.delete(service)
      throw error
    }
  }
  const atService = <T>(service: string, ask: (client: ControlClient) => Promise<T>): Promise<T> =>
    tryUntilAnswered(async () => ask(await clientOf(service)))
  const services = config.services.map(({ name }) => name)

  return {
    doorsUrl: running.doorsUrl,
    send: async ({ service, command, input, idempotencyKey, occurredAt }, signal) => {
      const headers = {
        'idempotency-key': idempotencyKey,
        'tidings-occurred-at': new Date(occurredAt).toISOString(),
      }
      return await tryUntilAnswered(
        async () => sentOf(await post(service, `commands/${command}`, input, headers)),
        signal,
      )
    },
    ask: async ({ owner, name }, input) =>
      await tryUntilAnswered(async () => {
        const answer = await post(owner, `queries/${name}`, input)
        if (answer.status !== 200) throw errorOfDoor(answer)
        return answer.body as never
      }),
    status: async () => {
      const found = await Promise.allSettled((await running.clients()).map((client) => client.status()))
      return found.flatMap((each): readonly ServiceAccount[] =>
        each.status === 'fulfilled' ? each.value.services : [],
      )
    },
    countEvents: async () => {
      const counts: Record<string, number> = {}
      for (const service of services) {
        for (let after = '', head = '1'; after < head; ) {
          const page = await atService(service, (client) => client.eventsAfter(service, after, { limit: pageCount }))
          for (const { type } of page.events) counts[type] = (counts[type] ?? 0) + 1
          after = page.next
          head = page.head
        }
      }
      return counts
    },
    countHeld: async () => {
      const held = await Promise.all(
        services.map((service) => atService(service, (client) => client.held({ service }))),
      )
      return held.flat().length
    },
    settled: (timeoutMs) => running.settled({ timeoutMs }),
    close: async () => {
      agent.destroy()
      await running.close()
    },
  }
}

function sentOf(answer: DoorAnswer): Sent {
  const { status, body } = answer
  if (status === 200) return { accepted: true, replayed: body.replayed === true }
  if (body.code === 'rejected') return { accepted: false, reason: String(body.detail) }
  const error = errorOfDoor(answer)
  if (isTidingsError(error) && isRefusal(error.code)) return { accepted: false, reason: error.message }
  throw error
}
