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
      commands: ['place-order'],
      queries: ['order'],
      liveQueries: ['open-orders'],
      functions: [
        {
          kind: 'command',
          name: 'place-order',
          hears: [],
          publishes: ['shop.order-placed'],
          executes: [],
          lookups: [],
        },
      ],
    },
    {
      name: 'parcels',
      description: undefined,
      commands: [],
      queries: [],
      liveQueries: [],
      functions: [
        {
          kind: 'handler',
          name: 'pack-parcel',
          hears: ['shop.order-placed', 'shop.forgotten'],
          publishes: [],
          executes: ['note'],
          lookups: ['orders/order'],
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

test('every function shows what it hears, looks up, executes and publishes, and with whom', () => {
  expect(drawn(100)).toEqual([
    'shop  2 services · 1 event · 1 lookup',
    '',
    'orders  What was ordered.',
    '  commands  place-order',
    '  queries   order',
    '  live      open-orders',
    '  place-order  command  → ○ shop.order-placed v2  parcels',
    '',
    'parcels',
    '  pack-parcel  handler  ← ○ shop.order-placed     orders',
    '                        ← ? shop.forgotten        nobody',
    '                        ⇄   order                 orders',
    '                        »   note',
    '',
    '→ publishes, heard by   ← hears, from   ⇄ looks up, at   » executes   ● event sourcing',
    '◆ state transfer   ○ notification',
    '',
    'Synchronous dependencies',
    '  parcels  ⇄ orders/order  pack-parcel waits while orders does not answer',
    '',
    'Problems',
    '  ✗ parcels: handler pack-parcel hears shop.forgotten, which no service here publishes',
  ])
})

test('a narrow terminal gets the same in narrow lines', () => {
  for (const width of [40, 60, 72]) for (const line of drawn(width)) expect(line.length).toBeLessThanOrEqual(width)
})

test('Mermaid draws services, events and, dotted, lookups', () => {
  expect(mermaidMap(map).split('\n')).toEqual([
    'flowchart LR',
    '  service_orders["orders"]',
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
