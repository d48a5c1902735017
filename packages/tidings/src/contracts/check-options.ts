// Checks of the options of a definition, in plain JavaScript too: each error names the definition and shows how it is written.

import { checkFunction, checkIsText, checkObject } from '../errors/index.ts'

/** Checks that options are an object and that their description, if there is one, is a text; throws `INVALID_CONTRACT`. */
export function checkDefinition(what: string, options: { readonly description?: unknown }, written: string): void {
  checkObject(options, { what: `The second argument of ${what}`, hint: `Write \`${written}\`.` })
  if (options.description !== undefined)
    checkIsText(options.description, {
      what: `The description of ${what}`,
      hint: 'Write one sentence, or leave it out.',
    })
}

/** Checks the function that returns a key; throws `INVALID_CONTRACT`. */
export function checkKeyFunction(what: string, key: unknown): void {
  checkFunction(key, {
    what: `The key of ${what}`,
    hint: 'Write a function from the data to a text: `(data) => data.id`.',
  })
}
