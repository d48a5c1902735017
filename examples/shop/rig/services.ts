// What runs under the rig: the shop, a service with a timer and an effect, and an observer of everything.
import { createObserver } from '@tidings/testing/rig'
import type { Service } from 'tidings'
import { shopServices } from '../services/index.ts'
import reminders from './reminders/index.ts'

/** The folder of orders to die, in the system's data. */
export const crashFolder = 'crashes'

/** The observer's name. */
export const observerName = 'observer'

const heard = [...shopServices, reminders].flatMap(({ publishes }) => publishes)

// After the last fault there is little time: nobody pauses for long.
const impatient = (service: Service): Service => ({
  ...service,
  limits: { ...service.limits, retryDelayMsMax: 2_000 },
})

/** The services under the rig. */
export const rigServices: readonly Service[] = [...shopServices, reminders, createObserver(observerName, heard)].map(
  impatient,
)
