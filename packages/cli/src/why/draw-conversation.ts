// A conversation as a tree: the command that began it, its events, their deliveries, and what those published.

import type { CausalNode, DeliveryAccount } from 'tidings/operations'
import type { Complete } from '../system/printed-commands.ts'
import { bold, cyan, dim, green, joined, magenta, red, type Text, wrapped, yellow } from '../terminal/text.ts'
import { countOf, durationText, momentText } from '../terminal/time-text.ts'
import { type TreeNode, treeLines } from '../terminal/tree.ts'
import type { Conversation } from './collect-conversation.ts'
import type { ResponsibleFunctions } from './responsible-functions.ts'

/** How a conversation is drawn. */
export interface DrawingOptions {
  readonly functions: ResponsibleFunctions
  /** Services whose deliveries are unknown, because they neither answered nor could be opened. */
  readonly unavailable: readonly string[]
  /** Columns of the terminal. */
  readonly width: number
  /** Completes the commands in backquotes of a text. */
  readonly complete: Complete
}

/** The smallest width at which events show their ids. */
const widthForIds = 110

/** Draws a conversation in lines. */
export function drawConversation({ asked, tree }: Conversation, options: DrawingOptions): readonly Text[] {
  const first = Math.min(...tree.roots.map(({ event }) => event.recordedAt))
  const drawing = new Drawing(options, { source: asked.source, id: asked.id }, first)
  const all = [...nodesOf(tree.roots)]
  const services = new Set(
    all.flatMap(({ event, deliveries }) => [event.source, ...deliveries.map(({ service }) => service)]),
  )
  const last = Math.max(
    ...all.flatMap(({ event, deliveries }) => [event.recordedAt, ...deliveries.map(({ at }) => at ?? 0)]),
  )
  const counts = [
    countOf(tree.eventCount, 'event'),
    countOf(services.size, 'service'),
    durationText(Math.max(0, last - first)),
  ]
  const root: TreeNode = {
    text: drawing.beginning(tree.begunBy, first),
    children: tree.roots.map((node) => drawing.event(node)),
  }
  return [
    [bold('Conversation '), tree.correlationId, dim(`  ${counts.join(' · ')}`)],
    '',
    ...treeLines([root], options.width),
    ...unfinished(all, options.complete),
    ...missing(options),
  ]
}

function* nodesOf(nodes: readonly CausalNode[]): Generator<CausalNode> {
  for (const node of nodes) {
    yield node
    yield* nodesOf(node.consequences)
  }
}

function missing({ unavailable, width }: DrawingOptions): readonly Text[] {
  if (unavailable.length === 0) return []
  const text: Text = [dim('Their deliveries are unknown (never started, or not answering): '), unavailable.join(', ')]
  return ['', ...wrapped(text, width - 2).map((line, index): Text => [index === 0 ? yellow('! ') : '  ', line])]
}

// One line with the number of deliveries that are not done; none if all are.
function unfinished(nodes: readonly CausalNode[], complete: Complete): readonly Text[] {
  const deliveries = nodes.flatMap((node) => node.deliveries)
  const parked = deliveries.filter(({ state }) => state === 'parked').length
  const open = deliveries.filter(({ state }) => state !== 'done' && state !== 'parked').length
  if (parked === 0 && open === 0) return []
  const parts: Text[] = []
  if (parked > 0)
    parts.push([
      red('✗ '),
      `${countOf(parked, 'delivery', 'deliveries')} parked`,
      dim(complete(' (see `tidings dead`)')),
    ])
  if (open > 0) parts.push([yellow('… '), `${countOf(open, 'delivery', 'deliveries')} not done yet`])
  return ['', joined(parts, '   ')]
}

const stateSigns: Readonly<Record<DeliveryAccount['state'], Text>> = {
  done: green('✓'),
  retrying: yellow('↻'),
  waiting: yellow('◷'),
  parked: red('✗'),
  blocked: yellow('≡'),
  running: yellow('●'),
  pending: dim('…'),
}

const stateWords: Readonly<Record<DeliveryAccount['state'], string>> = {
  done: '',
  retrying: 'retrying',
  waiting: 'waiting',
  parked: 'parked',
  blocked: 'blocked behind an earlier event of its key',
  running: 'still running',
  pending: 'pending',
}

// A projection, replica, effect or process has a subscriber of its own, such as `projection.cases`; the function is the second part.
function functionText(name: string): Text {
  const [kind, ...rest] = name.split('.')
  return rest.length === 0 ? name : [dim(`${kind} `), rest.join('.')]
}

class Drawing {
  readonly #options: DrawingOptions
  readonly #asked: { readonly source: string; readonly id: string }
  readonly #first: number

  constructor(options: DrawingOptions, asked: { readonly source: string; readonly id: string }, first: number) {
    this.#options = options
    this.#asked = asked
    this.#first = first
  }

  beginning(begunBy: Conversation['tree']['begunBy'], first: number): Text {
    const [kind = '', ...rest] = (begunBy?.by ?? '').split('/')
    const name = rest.join('/')
    const tenant = begunBy?.tenant == null ? '' : [dim(' of '), begunBy.tenant]
    const who = begunBy?.principal == null ? '' : [dim(' by '), begunBy.principal, tenant]
    const what = name === '' ? bold('unknown') : bold(magenta(name))
    const of = begunBy === undefined ? '' : dim(`  ${kind} of ${begunBy.service}`)
    return [what, of, who, dim(`  ${momentText(first)}`)]
  }

  event(node: CausalNode, within = false): TreeNode {
    const { event, deliveries } = node
    const { functions, width } = this.#options
    const left = [...node.consequences]
    const children = deliveries.map((delivery): TreeNode => {
      const own = left.filter((next) => functions.published(next.event, delivery, event.type))
      for (const next of own) left.splice(left.indexOf(next), 1)
      return {
        text: this.#delivery(delivery, event.type),
        children: [...this.#lookups(delivery, event.type), ...own.map((next) => this.event(next, true))],
      }
    })
    const isAsked = event.id === this.#asked.id && event.source === this.#asked.source
    const by = within ? '' : dim(`  ${event.source} · ${event.causedBy.replace('/', ' ')}`)
    const text: Text = [
      isAsked ? bold(yellow('▶ ')) : '',
      isAsked ? bold(cyan(event.type)) : cyan(event.type),
      '  ',
      event.key,
      event.data === null ? dim(' (retracted)') : '',
      by,
      dim(`  ${this.#offset(event.recordedAt)}`),
      width >= widthForIds ? dim(`  ${event.id}`) : '',
    ]
    // The rest belongs to no delivery that is known: a service does not run, or its code has changed since.
    return { text, children: [...children, ...left.map((next) => this.event(next))] }
  }

  #delivery(delivery: DeliveryAccount, type: string): Text {
    const { attempts, durationMicros, at, error, state } = delivery
    const names = this.#options.functions.functionsOf(delivery, type)
    const details: Text[] = []
    if (stateWords[state] !== '') details.push(stateWords[state])
    if (attempts > 1 || (state !== 'done' && attempts > 0)) details.push(yellow(countOf(attempts, 'attempt')))
    if (durationMicros !== undefined && durationMicros > 0) details.push(dim(durationText(durationMicros / 1_000)))
    if (at !== undefined) details.push(dim(this.#offset(at)))
    const shown = details.length === 0 ? '' : ['  ', joined(details, dim(', '))]
    const failed: Text = error === undefined ? '' : [dim('  '), red(error.code), ' ', error.message]
    return [
      stateSigns[state],
      ' ',
      bold(delivery.service),
      ' ',
      joined(names.map(functionText), dim(' + ')),
      shown,
      failed,
    ]
  }

  #lookups(delivery: DeliveryAccount, type: string): readonly TreeNode[] {
    // What its functions look up is shown once they have run.
    if (delivery.state === 'pending' || delivery.state === 'blocked') return []
    return this.#options.functions
      .lookupsOf(delivery, type)
      .map((query): TreeNode => ({ text: [yellow('⇄ '), dim('looks up '), query], children: [] }))
  }

  #offset(time: number): string {
    return `+${durationText(Math.max(0, time - this.#first))}`
  }
}
