// The messages at the shop's start and end. They fit into 80 columns, except for paths.
import { basename, join, relative } from 'node:path'
import type { ShopOptions } from '../command-line/options.ts'
import type { Report } from './report.ts'
import type { StartedShop } from './start-shop.ts'
import { count, paint, type Terminal } from './terminal.ts'

const label = (name: string): string => paint('dim', `  ${name.padEnd(10)}`)

/** A path in its shortest form, as seen from the current folder. */
export function shownPath(path: string): string {
  const short = relative(process.cwd(), path)
  return short === '' || short.startsWith('..') ? path : short
}

/** The message at the start of a run on generated orders. */
export function welcome(
  { shop, config, data }: StartedShop,
  how: Pick<ShopOptions, 'processes' | 'instances'>,
): string {
  const services = config.services.map(({ name }) => name).join(', ')
  const where = whereOf(how)
  return [
    '',
    `${paint('bold', '  The shop')}: ${config.services.length} services, ${where}`,
    '',
    `${label('services')}${services}`,
    `${label('http')}${shop.httpUrl} (see /openapi.json)`,
    `${label('look')}npx tidings status · map · events · why <event id> · dead`,
    `${label('data')}${shownPath(join(data, basename(config.path).startsWith('generated') ? 'generated' : ''))}`,
    `${label('stop')}Ctrl-C`,
    '',
    '',
  ].join('\n')
}

function whereOf({ processes, instances }: Pick<ShopOptions, 'processes' | 'instances'>): string {
  if (processes) return instances === 1 ? 'each in its own process' : `each in ${instances} processes of its own`
  return instances === 1 ? 'all in this process' : `all in each of ${instances} processes`
}

/** The result of an import, in a few lines. */
export function summary(report: Report, file: string): string {
  const orders = Object.values(report.orders).reduce((sum, orders) => sum + orders, 0)
  const events = Object.values(report.events).reduce((sum, events) => sum + events, 0)
  const { deadLetters, rejected, parcels, support } = report
  return [
    `${label('orders')}${count(orders)}, ${count(parcels.delivered)} parcels delivered, ${count(support.cases)} support cases`,
    `${label('events')}${count(events)}, ${count(deadLetters)} dead letters`,
    `${label('rows')}${rejected.length === 0 ? 'none rejected' : paint('yellow', `${count(rejected.length)} rejected, see the report`)}`,
    `${label('report')}${shownPath(file)}`,
    '',
  ].join('\n')
}

/** Writes a line. */
export function say(terminal: Terminal, text: string): void {
  terminal.write(`${text}\n`)
}
