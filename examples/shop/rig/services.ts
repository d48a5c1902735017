// The services in the rig: the shop, a service with a timer and an effect, and an observer of all events.
import { createObserver } from '@tidings/testing/rig'
import type { Service } from 'tidings'
import { shopServices } from '../services/index.ts'
import reminders from './reminders/index.ts'

/** The folder of crash orders, in the system's data: each tells a process to die at a crash point. */
export const crashFolder = 'crashes'

/** The folder of all stores, in the system's data. */
export const storesFolder = 'stores'

/** The observer's name. */
export const observerName = 'observer'

const heard = [...shopServices, reminders].flatMap(({ publishes }) => publishes)

// There is little time after the last fault, so retry delays are short, and what hangs does not do so for long.
const withShortDelays = (service: Service): Service => ({
  ...service,
  limits: { ...service.limits, retryDelayMsMax: 2_000, handlerTimeoutMs: 5_000 },
})

/** The services in the rig. */
export const rigServices: readonly Service[] = [...shopServices, reminders, createObserver(observerName, heard)].map(
  withShortDelays,
)
