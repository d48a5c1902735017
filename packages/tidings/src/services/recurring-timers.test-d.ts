// Types of recurring timers: a timer that a service declares with its time is set by the service alone.

import { defineCommand, defineService, timer } from 'tidings'
import { z } from 'zod'

const Go = defineCommand('go', { input: z.object({}) })
const reports = defineService('reports', {
  timers: { report: timer({ every: { cron: '30 9 * * mon-fri', timeZone: 'Europe/Berlin' } }), expire: timer() },
})

reports.with({
  report: reports.due('report', {}, (data, { timer: { key } }) => {
    const nothing: null = data
    const named: string = key
    return void [nothing, named]
  }),
  expire: reports.due('expire', {}, () => {}),
  go: reports.command(Go, {}, (_input, { timers }) => {
    timers.expire.cancel('a')
    // @ts-expect-error: no function sets or cancels it
    timers.report.cancel('report')
  }),
})

// @ts-expect-error: a timer that recurs needs an expression
timer({ every: { timeZone: 'UTC' } })
