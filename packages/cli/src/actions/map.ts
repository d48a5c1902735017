// `tidings map`: who hears what, from the declarations alone. No service has to run.

import { systemMap } from 'tidings/operations'
import type { Invocation, SystemOptions } from '../invocation.ts'
import { drawMap } from '../map/draw-map.ts'
import { mermaidMap } from '../map/mermaid-map.ts'
import { loadSystem } from '../system/load-system.ts'

/** The options. */
export interface MapOptions extends SystemOptions {
  readonly format: 'text' | 'mermaid' | 'json'
}

/** Prints the map. */
export async function showMap(invocation: Invocation, options: MapOptions): Promise<void> {
  const { terminal } = invocation
  const { config } = await loadSystem(invocation, options)
  const map = systemMap(config.services)
  if (options.json === true || options.format === 'json') terminal.json({ name: config.name, ...map })
  else if (options.format === 'mermaid') terminal.lines(mermaidMap(map).trimEnd().split('\n'))
  else terminal.lines(drawMap(config.name, map, terminal.width))
}
