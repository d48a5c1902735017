// The OpenAPI document is well formed, and its schemas accept and refuse what the API accepts and refuses.

import { openApiOf } from '@tidings/http'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { defineCommand, defineService } from 'tidings'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { rooms } from './chat-system.ts'
import { post, runningShop } from './running-shop.ts'
import { orders } from './shop-system.ts'

type Document = {
  openapi: string
  info: { title: string; version: string }
  paths: Record<string, { post: Operation }>
  components: { schemas: Record<string, object>; parameters: Record<string, object> }
}
type Operation = {
  operationId: string
  description?: string
  parameters: { $ref: string }[]
  requestBody: { required: boolean; content: { 'application/json': { schema: object } } }
  responses: Record<string, { description: string; content: Record<string, { schema: object }> }>
}

const ajv = new Ajv2020({ strict: false, validateFormats: false })

const refsOf = (value: unknown): string[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([name, member]) =>
        name === '$ref' && typeof member === 'string' ? [member] : refsOf(member),
      )

test('the document of all services is well formed: its version, unique operations, valid references, schemas that compile', async () => {
  const { url } = await runningShop()
  const response = await fetch(`${url}/openapi.json`)
  expect(response.headers.get('content-type')).toContain('application/json')
  const document = (await response.json()) as Document
  expect(document.openapi).toMatch(/^3\.1\.\d+$/)
  expect(document.info).toEqual({ title: 'All services', version: '1' })
  expect(Object.keys(document.paths).sort()).toEqual([
    '/orders/commands/fail-order',
    '/orders/commands/place-order',
    '/orders/queries/order',
    '/shipping/queries/parcel',
  ])
  const operations = Object.values(document.paths).map(({ post: operation }) => operation)
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length)
  for (const ref of refsOf(document)) {
    const target = ref
      .replace(/^#\//, '')
      .split('/')
      .reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], document)
    expect(target, ref).toBeDefined()
  }
  for (const { requestBody, responses } of operations) {
    ajv.compile(requestBody.content['application/json'].schema)
    for (const [status, { description, content }] of Object.entries(responses)) {
      expect(status).toMatch(/^[2-5]\d\d$/)
      expect(description).not.toBe('')
      for (const [type, { schema }] of Object.entries(content)) {
        expect(type).toBe(status === '200' ? 'application/json' : 'application/problem+json')
        if (status === '200') ajv.compile(schema)
      }
    }
  }
})

test('a service’s own document has its paths, descriptions and headers', async () => {
  const { url } = await runningShop({ services: ['orders'] })
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as Document
  expect(Object.keys(document.paths)).toEqual(['/commands/place-order', '/commands/fail-order', '/queries/order'])
  const operation = document.paths['/commands/place-order']!.post
  expect(operation.description).toBe('Places an order.')
  expect(operation.parameters.map(({ $ref }) => $ref)).toContain('#/components/parameters/IdempotencyKey')
  const prefixed = (await (await fetch(`${url}/orders/openapi.json`)).json()) as Document
  expect(Object.keys(prefixed.paths)[0]).toBe('/orders/commands/place-order')
})

test('the API accepts and refuses what the schemas accept and refuse', async () => {
  const { url } = await runningShop()
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as Document
  const operation = document.paths['/orders/commands/place-order']!.post
  const accepts = ajv.compile(operation.requestBody.content['application/json'].schema)
  const answers = ajv.compile(operation.responses['200']!.content['application/json']!.schema)
  const isProblem = ajv.compile(document.components.schemas.Problem!)
  for (const input of [
    { orderId: 'a', cents: 1 },
    { orderId: '', cents: 1 },
    { orderId: 'b' },
    { orderId: 'c', cents: 1.5 },
    { orderId: 'd', cents: -1 },
    { orderId: 7, cents: 1 },
    [],
  ]) {
    const { status, body } = await post(`${url}/orders/commands/place-order`, input)
    expect(status, JSON.stringify(input)).toBe(accepts(input) ? 200 : 422)
    expect((status === 200 ? answers : isProblem)(body), JSON.stringify(body)).toBe(true)
  }
})

/** Compiles a schema with the components that it refers to. */
const compiled = (document: Document, schema: object) =>
  ajv.compile({ ...schema, components: document.components } as object)

const Tree = z.object({
  name: z.string(),
  get children() {
    return z.array(Tree)
  },
})
const Money = z.object({ cents: z.int() }).meta({ id: 'Money' })
const wood = defineService('wood')
const handlers = (commands: Readonly<Record<string, { input: z.ZodType; output?: z.ZodType }>>) =>
  Object.fromEntries(
    Object.entries(commands).map(([name, schemas]) => [
      name,
      wood.command(defineCommand(name, { expose: true, ...schemas }) as never, {}, () => undefined as never),
    ]),
  )
const documentOf = (commands: Parameters<typeof handlers>[0]) =>
  openApiOf([wood.with(handlers(commands))], { prefix: 'none' }) as unknown as Document
const inputOf = (document: Document, command: string) =>
  document.paths[`/commands/${command}`]!.post.requestBody.content['application/json'].schema

test('a recursive schema is a component, to which all references lead', () => {
  const document = documentOf({ plant: { input: Tree }, fell: { input: z.object({ tree: Tree }) } })
  expect(inputOf(document, 'plant')).toEqual({ $ref: '#/components/schemas/wood.plant.input' })
  for (const ref of refsOf(document)) expect(ref).toMatch(/^#\/components\/(schemas|parameters)\/[A-Za-z0-9._-]+$/)
  expect(JSON.stringify(document)).not.toMatch(/"\$(id|defs|schema)"/)
  const plant = compiled(document, inputOf(document, 'plant'))
  expect(plant({ name: 'a', children: [{ name: 'b', children: [] }] })).toBe(true)
  expect(plant({ name: 'a', children: [{ name: 'b' }] })).toBe(false)
  const fell = compiled(document, inputOf(document, 'fell'))
  expect(fell({ tree: { name: 'a', children: [] } })).toBe(true)
  expect(fell({ tree: { name: 'a', children: [1] } })).toBe(false)
})

test('a schema that several contracts share is one component, and two that share only a name are two', () => {
  const Other = z.object({ euros: z.number() }).meta({ id: 'Money' })
  const Plain = z.object({ at: z.string() })
  const document = documentOf({
    pay: { input: z.object({ price: Money }) },
    refund: { input: z.object({ amount: Money, why: z.string() }) },
    tip: { input: z.object({ amount: Other }) },
    start: { input: Plain },
    stop: { input: Plain },
  })
  const names = Object.keys(document.components.schemas)
  expect(names.filter((name) => name.includes('Money')).length).toBe(2)
  expect(inputOf(document, 'start')).toEqual(inputOf(document, 'stop'))
  expect(inputOf(document, 'start')).toEqual({ $ref: '#/components/schemas/wood.start.input' })
  expect(compiled(document, inputOf(document, 'refund'))({ amount: { cents: 1 }, why: '' })).toBe(true)
  expect(compiled(document, inputOf(document, 'tip'))({ amount: { cents: 1 } })).toBe(false)
  expect(compiled(document, inputOf(document, 'tip'))({ amount: { euros: 1 } })).toBe(true)
})

test('the document says where the API is, how callers show who they are, and what every operation may answer', async () => {
  const { url } = await runningShop({ http: { authorize: () => ({ principal: 'ada' }) } })
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as Document & Record<string, unknown>
  expect(document.servers).toMatchObject([{ url: '/' }])
  expect(document.security).toEqual([{ bearer: [] }])
  expect(document.components).toMatchObject({ securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } })
  for (const { post: operation } of Object.values(document.paths))
    expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['401', '405', '413', '503', '504']))
  expect(openApiOf([orders], { prefix: 'none' })).toMatchObject({ security: [] })
})

test('several live queries in one answer are a path of their own, if there are any', () => {
  expect(openApiOf([rooms], { prefix: 'none' }).paths).toHaveProperty('/live')
  expect(openApiOf([orders], { prefix: 'none' }).paths).not.toHaveProperty('/live')
})

test('the document is made from declarations alone', () => {
  expect(openApiOf([orders], { prefix: 'service' })).toEqual(openApiOf([orders], { prefix: 'service' }))
})

test('a live query is a GET with its input as JSON, answered with events whose data has a schema', () => {
  const document = openApiOf([rooms], { prefix: 'service' })
  const { get } =
    (document.paths as Record<string, { get: Record<string, unknown> }>)['/rooms/live/room-messages'] ?? {}
  expect(get).toMatchObject({
    operationId: 'rooms.room-messages',
    description: 'The messages of a room.',
    parameters: [
      { name: 'input', in: 'query', required: true, content: { 'application/json': { schema: { type: 'object' } } } },
      { name: 'after', in: 'query' },
      { $ref: '#/components/parameters/LastEventId' },
      { $ref: '#/components/parameters/CorrelationId' },
    ],
  })
  const responses = get?.responses as Record<string, { content: Record<string, { schema: object }> }>
  const matches = ajv.compile(responses[200]?.content['text/event-stream']?.schema ?? {})
  const row = { messageId: 'a', text: 'x' }
  for (const data of [{ rows: [{ key: 'a', row }] }, { rows: [] }, { key: 'a', row }, { key: 'a' }])
    expect(matches(data), JSON.stringify(data)).toBe(true)
  expect(matches({ rows: [{ key: 'a' }] })).toBe(false)
})
