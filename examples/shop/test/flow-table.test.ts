// The line for each second: 80 columns, events counted between two snapshots, a service that does not answer shown as down.
import type { ServiceStatus } from 'tidings/runtime'
import { expect, test } from 'vitest'
import { flowHead, flowLine } from '../run/flow-table.ts'
import { bar, duration } from '../run/terminal.ts'

const position = (number: number) => String(number).padStart(16, '0')

function statusOf(service: string, published: number, heads: Record<string, number> = {}, lag = 0): ServiceStatus {
  const subscriptions = Object.entries(heads).map(([source, head]) => {
    return { source, head: position(head), lag, retrying: 0, waiting: 0, parked: 1, blocked: 2 }
  })
  return {
    service,
    eventLogHead: published === 0 ? '' : position(published),
    subscriptions,
  } as unknown as ServiceStatus
}

const names = ['customers', 'orders', 'payments', 'shipping', 'reviews', 'support']

test('events are counted between two snapshots, by service', () => {
  const before = { at: 1_000, commands: 10, services: names.map((name) => statusOf(name, 5)) }
  const services = [...names.map((name, index) => statusOf(name, 5 + index * 100)), statusOf('insights', 0)]
  const line = flowLine(0, before, { at: 2_000, commands: 1_310, services })
  expect(line.split(/ +/)).toEqual(['00:02', '1,300', '·', '100', '200', '300', '400', '500', '0', '0'])
  expect(flowHead().trim().split(/ +/).slice(2, 8)).toEqual(names)
  expect(line.length).toBe(flowHead().length)
  expect(line.length).toBeLessThanOrEqual(80)
})

test('a service that does not answer is down; subscribers still report how much it has published', () => {
  const before = { at: 0, commands: 0, services: [statusOf('orders', 7)] }
  const services = [statusOf('shipping', 1, { orders: 9 }, 4)]
  const [line, below] = flowLine(0, before, { at: 1_000, commands: 0, services }).split('\n')
  expect(line?.split(/ +/)).toEqual(['00:01', '0', 'down', 'down', 'down', '·', 'down', 'down', '4', '3'])
  expect(below?.trim()).toBe('insights is down')
})

test('bars and durations', () => {
  expect([bar(0).trim(), bar(1).length, bar(0.5).trim().length, bar(2)]).toEqual(['', 24, 12, bar(1)])
  expect([duration(12), duration(12_345), duration(125_000)]).toEqual(['12 ms', '12.3 s', '2 min 5 s'])
})
