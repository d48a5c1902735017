// The map of a small system, as text at two widths and as Mermaid.

import type { SystemMap } from 'tidings'
import { expect, test } from 'vitest'
import { rendered } from '../terminal/text.ts'
import { drawMap } from './draw-map.ts'
import { mermaidMap } from './mermaid-map.ts'

const map: SystemMap = {
  services: [
    {
      name: 'orders',
      description: 'What was ordered.',
      commands: ['place-order', 'note-order'],
      queries: ['order'],
      liveQueries: ['open-orders'],
      exposed: { commands: ['place-order'], queries: [], liveQueries: ['open-orders'] },
      functions: [
        {
          kind: 'command',
          name: 'place-order',
          hears: [],
          publishes: ['shop.order-placed'],
          executes: [],
          lookups: [],
          requests: [],
          timers: [],
        },
      ],
    },
    {
      name: 'parcels',
      description: undefined,
      commands: [],
      queries: [],
      liveQueries: [],
      exposed: { commands: [], queries: [], liveQueries: [] },
      functions: [
        {
          kind: 'handler',
          name: 'pack-parcel',
          hears: ['shop.order-placed', 'shop.forgotten'],
          publishes: [],
          executes: ['note'],
          lookups: ['orders/order'],
          requests: [],
          timers: [],
        },
      ],
    },
  ],
  events: [
    {
      name: 'shop.order-placed',
      owner: 'orders',
      pattern: 'notification',
      version: 2,
      description: undefined,
      heardBy: ['parcels'],
    },
  ],
  problems: ['parcels: handler pack-parcel hears shop.forgotten, which no service here publishes'],
}

const drawn = (width: number) => drawMap('shop', map, width).map((line) => rendered(line, false).trimEnd())

test('every function shows what it hears, looks up, executes and publishes, and the other service', () => {
  expect(drawn(100)).toEqual([
    'shop  2 services · 1 event · 1 lookup',
    '',
    'orders  What was ordered.',
    '  commands  place-order · internal: note-order',
    '  queries   internal: order',
    '  live      open-orders',
    '  place-order  command  → ○ shop.order-placed v2  parcels',
    '',
    'parcels',
    '  pack-parcel  handler  ← ○ shop.order-placed     orders',
    '                        ← ? shop.forgotten        nobody',
    '                        ⇄   order                 orders',
    '                        »   note',
    '',
    '→ publishes, heard by   ← hears, from   ⇄ looks up, at   » executes',
    '● event sourcing   ◆ state transfer   ○ notification',
    '',
    'Synchronous dependencies',
    '  parcels  ⇄ orders/order  pack-parcel waits while orders does not answer',
    '',
    'Problems',
    '  ✗ parcels: handler pack-parcel hears shop.forgotten, which no service here publishes',
  ])
})

test('no line is wider than the terminal', () => {
  for (const width of [40, 60, 72]) for (const line of drawn(width)) expect(line.length).toBeLessThanOrEqual(width)
})

test('Mermaid draws services, events and, dotted, lookups', () => {
  expect(mermaidMap(map).split('\n')).toEqual([
    'flowchart LR',
    '  service_orders["orders<br/>exposes place-order, open-orders"]',
    '  service_parcels["parcels"]',
    '  event_shop__order_placed("shop.order-placed v2")',
    '  service_orders --> event_shop__order_placed',
    '  event_shop__order_placed --> service_parcels',
    '  service_parcels -. "looks up order" .-> service_orders',
    '  classDef service stroke-width:2px',
    '  class service_orders,service_parcels service',
    '  %% A dotted line is a synchronous dependency.',
    '',
  ])
})

const workshop: SystemMap = {
  services: [
    {
      name: 'payments',
      description: undefined,
      commands: [],
      queries: [],
      liveQueries: [],
      exposed: { commands: [], queries: [], liveQueries: [] },
      functions: [
        {
          kind: 'process',
          name: 'payment',
          hears: ['shop.order-placed'],
          publishes: ['shop.order-reminded'],
          executes: ['close'],
          lookups: ['orders/order'],
          requests: ['send-mail'],
          timers: ['remind'],
        },
        {
          kind: 'timer',
          name: 'report',
          hears: [],
          publishes: [],
          executes: [],
          lookups: [],
          requests: [],
          timers: [],
        },
        {
          kind: 'effect',
          name: 'send-mail',
          hears: [],
          publishes: [],
          executes: [],
          lookups: [],
          requests: [],
          timers: [],
        },
      ],
    },
  ],
  events: [
    {
      name: 'shop.order-reminded',
      owner: 'payments',
      pattern: 'notification',
      version: 1,
      description: undefined,
      heardBy: [],
    },
  ],
  problems: [],
}

test('processes, timers and effects show what comes due and what leaves the system', () => {
  const lines = drawMap('shop', workshop, 80).map((line) => rendered(line, false).trimEnd())
  expect(lines.slice(2, 12)).toEqual([
    'payments',
    '  payment    process  ← ? shop.order-placed    nobody',
    '                      ⇄   order                orders',
    '                      ◷   remind               timer',
    '                      »   close',
    '                      ↗   send-mail            effect',
    '                      → ○ shop.order-reminded  nobody',
    '  report     timer    ◷   report               timer',
    '  send-mail  effect   ↗   the outside world',
    '',
  ])
  expect(lines.join('\n')).toMatch(/◷ comes due\s+↗ requests, performs/)
  for (const width of [40, 60]) {
    for (const line of drawMap('shop', workshop, width))
      expect(rendered(line, false).trimEnd().length).toBeLessThanOrEqual(width)
  }
})

test('Mermaid names processes and timers in their service, and draws effects to one node outside', () => {
  const text = mermaidMap(workshop)
  expect(text).toContain('service_payments["payments<br/>process payment<br/>timer report"]')
  expect(text).toContain('  outside(("outside"))\n  service_payments == "send-mail" ==> outside\n')
  expect(mermaidMap(map)).not.toContain('outside')
})
