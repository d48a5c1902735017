// The picture of a growth: one plot for each measurement, axes that begin at 0, and no text that breaks the file.

import { expect, test } from 'vitest'
import { sizesUpTo } from '../growth.ts'
import { growthPlot } from './growth-plot.ts'

const points = [
  { events: 10_000, figure: 40 },
  { events: 100_000, figure: 42 },
  { events: 1_000_000, figure: 80 },
]

test('each measurement has a plot; a figure twice as high is twice as far above the axis, which begins at 0', () => {
  const svg = growthPlot(
    [
      { title: 'a command', unit: 'CPU µs', points },
      { title: 'b', unit: 'MiB', points },
    ],
    'On <one> machine.',
  )
  expect(svg.match(/<polyline/g)).toHaveLength(2)
  const heights = [...svg.matchAll(/<circle class="point" cx="[\d.]+" cy="([\d.]+)"/g)]
    .slice(0, 3)
    .map(([, y]) => 146 - Number(y))
  expect(heights[2]! / heights[0]!).toBeCloseTo(2, 1)
  expect(svg).toContain('On &lt;one> machine.')
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 1000 204"/)
})

test('sizes grow from 10,000 by a factor of about three', () => {
  expect(sizesUpTo(1_000_000)).toEqual([10_000, 30_000, 100_000, 300_000, 1_000_000])
  expect(sizesUpTo(10_000_000).at(-1)).toBe(10_000_000)
})
