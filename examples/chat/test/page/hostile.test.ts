// P12 on the page: everything that people write is text. It is never run or loaded, and it does not cover the rest of the page.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { message, openRoom, person, say, useSite } from './site.ts'

useSite()

/** Records everything that text must not do. */
function watch(page: Page): string[] {
  const happened: string[] = []
  page.on('dialog', (dialog) => {
    happened.push(`dialog ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => {
    if (new URL(request.url()).hostname !== '127.0.0.1') happened.push(`request ${request.url()}`)
  })
  page.on('popup', () => happened.push('popup'))
  return happened
}

const hostile = [
  '<img src=x onerror="alert(1)">',
  '<script>alert(2)</script>',
  '<svg/onload=alert(3)>',
  '<iframe srcdoc="<script>parent.alert(4)</script>"></iframe>',
  '"><a href="javascript:alert(5)">click</a>',
  'javascript:alert(6)',
  'https://evil.example/"onmouseover="alert(7)',
  '<img src="http://evil.example/pixel.png">',
  '{{constructor.constructor("alert(8)")()}}',
  '&lt;b&gt;not bold&lt;/b&gt;',
  '</article></div><style>*{display:none}</style>',
]

test('P12: tags, scripts and addresses in a message stay text [trap: access]', async () => {
  const roomId = await openRoom()
  const ann = await person('Ann', roomId)
  const bob = await person('Bob', roomId)
  const happened = [watch(ann), watch(bob)]
  for (const text of hostile) {
    await say(ann, text)
    await message(bob, text).waitFor()
    expect(await message(bob, text).first().locator('.text').innerText()).toBe(text)
  }
  await bob.reload()
  await message(bob, hostile.at(-1) ?? '').waitFor()
  const made = bob.getByRole('log').locator('img, script, iframe, svg:not(.icon), style, [onerror], [onload]')
  expect(await made.count()).toBe(0)
  const addresses = await bob
    .getByRole('log')
    .getByRole('link')
    .evaluateAll((links) =>
      links.map((link) => [(link as HTMLAnchorElement).protocol, (link as HTMLAnchorElement).rel]),
    )
  expect(addresses.length).toBeGreaterThan(0)
  for (const address of addresses)
    expect(address).toEqual([expect.stringMatching(/^https?:$/), 'noopener noreferrer nofollow'])
  expect(happened.flat()).toEqual([])
})

test('P12: names and titles of rooms are text too', async () => {
  const title = '<img src=x onerror=alert(1)>'
  const roomId = await openRoom(title)
  const ann = await person('<b>Ann</b><script>', roomId)
  const happened = watch(ann)
  await ann.getByRole('heading', { name: title }).waitFor()
  await say(ann, 'My name is strange')
  await ann.reload()
  await message(ann, 'My name is strange').waitFor()
  expect(await message(ann, 'My name').locator('.by .author').innerText()).toBe('<b>Ann</b><script>')
  expect(await ann.title()).toContain(title)
  expect(happened).toEqual([])
})

test('P12: characters that change the direction of writing affect their own message only', async () => {
  const roomId = await openRoom()
  const ann = await person('Ann\u202e', roomId)
  await say(ann, '\u202egnihtyreve sesrever\u202d \u2067 and goes on')
  await say(ann, 'This reads as ever')
  const isolated = await ann
    .getByRole('log')
    .evaluate((log) =>
      [...log.querySelectorAll('.author bdi, .text')].map((element) => getComputedStyle(element).unicodeBidi),
    )
  for (const how of isolated) expect(how).toMatch(/isolate|plaintext/)
  const box = await message(ann, 'This reads as ever')
    .locator('.text')
    .evaluate((text) => {
      const range = document.createRange()
      range.selectNodeContents(text)
      return range.getBoundingClientRect().left - text.getBoundingClientRect().left
    })
  expect(box).toBeLessThan(2)
})

test('P12: the policy of the page stops an injected script', async () => {
  const ann = await person('Ann', await openRoom(), { provokes: true })
  const refused = await ann.evaluate(async () => {
    const stopped: string[] = []
    document.addEventListener('securitypolicyviolation', (event) => stopped.push(event.effectiveDirective))
    const script = document.createElement('script')
    try {
      script.textContent = 'window.pwned = true'
      document.body.append(script)
    } catch {
      stopped.push('a script of text')
    }
    try {
      document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="window.pwned = true">')
    } catch {
      stopped.push('HTML of text')
    }
    const reached = await fetch('https://evil.example/').then(
      () => true,
      () => false,
    )
    return { stopped: stopped.length, pwned: 'pwned' in window, reached }
  })
  expect(refused).toEqual({ stopped: expect.any(Number), pwned: false, reached: false })
  expect(refused.stopped).toBeGreaterThan(1)
})
