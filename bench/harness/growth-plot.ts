// The growth of a history as a picture: a small plot for each measurement, over a logarithmic axis of events. Every vertical axis begins at 0, so
// what is flat looks flat.

/** A measurement: what it is called, and its figure at each size. */
export interface GrowthSeries {
  readonly title: string
  readonly unit: string
  readonly points: readonly { readonly events: number; readonly figure: number }[]
}

const columns = 4
const [width, height] = [250, 180]
const inner = { left: 48, top: 34, right: 14, bottom: 34 }
const innerWidth = width - inner.left - inner.right
const innerHeight = height - inner.top - inner.bottom

const style = `text { font: 11px system-ui, sans-serif; fill: #444 } .title { font-weight: 600; fill: #111 }
  .axis { stroke: #bbb; fill: none } .line { stroke: #0b66c3; stroke-width: 2; fill: none } .point { fill: #0b66c3 }
  @media (prefers-color-scheme: dark) { text { fill: #bbb } .title { fill: #eee } .axis { stroke: #555 }
    .line { stroke: #62a8ea } .point { fill: #62a8ea } }`

/** Draws the plots as SVG. */
export function growthPlot(series: readonly GrowthSeries[], caption: string): string {
  const rows = Math.ceil(series.length / columns)
  const size = { width: columns * width, height: rows * height + 24 }
  const plots = series.map((each, index) => {
    const at = `translate(${(index % columns) * width} ${Math.floor(index / columns) * height})`
    return `<g transform="${at}">\n${plot(each).join('\n')}\n</g>`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${escaped(caption)}">`,
    `<style>${style}</style>`,
    ...plots,
    `<text x="${inner.left}" y="${size.height - 8}">${escaped(caption)}</text>`,
    '</svg>',
    '',
  ].join('\n')
}

function plot({ title, unit, points }: GrowthSeries): readonly string[] {
  const sizes = points.map(({ events }) => Math.log10(events))
  const [from, to] = [Math.floor(Math.min(...sizes)), Math.ceil(Math.max(...sizes))]
  const top = niceAbove(Math.max(...points.map(({ figure }) => figure)))
  const x = (log: number) => round(inner.left + ((log - from) / Math.max(1, to - from)) * innerWidth)
  const y = (figure: number) => round(inner.top + (1 - figure / top) * innerHeight)
  const places = points.map(({ events, figure }) => [x(Math.log10(events)), y(figure)] as const)
  const decades = Array.from({ length: to - from + 1 }, (_, index) => from + index)
  const bottom = inner.top + innerHeight
  return [
    `<text class="title" x="${inner.left}" y="20">${escaped(title)}</text>`,
    `<path class="axis" d="M${inner.left} ${inner.top}V${bottom}H${inner.left + innerWidth}"/>`,
    ...[0, top / 2, top].map(
      (figure) =>
        `<text x="${inner.left - 6}" y="${y(figure) + 4}" text-anchor="end">${figure.toLocaleString('en')}</text>`,
    ),
    `<text x="${inner.left + innerWidth}" y="20" text-anchor="end">${escaped(unit)}</text>`,
    ...decades.map(
      (log) =>
        `<text x="${x(log)}" y="${bottom + 16}" text-anchor="middle">10<tspan dy="-4" font-size="8">${log}</tspan></text>`,
    ),
    `<polyline class="line" points="${places.map(([left, above]) => `${left},${above}`).join(' ')}"/>`,
    ...places.map(([left, above]) => `<circle class="point" cx="${left}" cy="${above}" r="3"/>`),
  ]
}

/** A round number above a figure: 1, 2 or 5 times a power of ten, at least a tenth above it. */
function niceAbove(figure: number): number {
  const least = Math.max(figure, 1e-9) * 1.1
  const power = 10 ** Math.floor(Math.log10(least))
  const factor = [1, 2, 5, 10].find((each) => each * power >= least) ?? 10
  return Number((factor * power).toPrecision(3))
}

const round = (figure: number) => Math.round(figure * 10) / 10

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
