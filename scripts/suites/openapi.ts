// Prints the OpenAPI document of an example, for linters and generators of others:
// `npx node scripts/suites/openapi.ts examples/chat/tidings.config.ts > chat.json`, then `npx redocly lint --extends=recommended chat.json`
import path from 'node:path'
import { openApiOf } from '@tidings/http'
import { loadConfig } from '@tidings/node'

const [config = 'examples/shop/generated.config.ts'] = process.argv.slice(2)
const { services } = await loadConfig(path.resolve(config))
const bearer = { type: 'http', scheme: 'bearer' }
const document = openApiOf(services, { prefix: 'service', securitySchemes: { bearer } })
process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`)
