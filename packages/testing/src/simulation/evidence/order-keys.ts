// What keeps its order within a subscriber: the events of one key for its handlers, the inputs of one instance for its process managers.

import type { LoggedEvent, Service } from 'tidings'
import { declaredSubscriber } from 'tidings/operations'
import { readData } from '../../world/read-log.ts'

/** What an event belongs to in a subscriber: its key if a handler hears it, and an instance of each process manager that hears it. */
export function orderKeysOf(service: Service, subscriber: string, event: LoggedEvent): readonly string[] {
  const heard = service.handlers.filter(
    (handler) =>
      handler.subscriber === declaredSubscriber(subscriber) &&
      handler.event.name === event.type &&
      (handler.when === 'retracted') === (event.data === null),
  )
  return heard.flatMap(({ process: manager, input }) => {
    if (manager === undefined || input === undefined) return [`key ${event.key}`]
    const instance = input.keyOf(readData(input.event, event))
    return instance === undefined ? [] : [`instance ${instance} of ${manager.name}`]
  })
}
