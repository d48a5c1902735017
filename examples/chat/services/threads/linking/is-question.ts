// Whether a text asks something. Invariant: the result depends only on the end of the text.

// What may follow the mark: spaces, closing quotes and brackets, more marks, and smileys such as `:)`, `;-P`, `xD` or 🙂.
const tail = /(?:[\s"'’”»)\]}>*_^!.?？؟]|[:;=]['’]?-?[()DPpoO/\\|]|\b[xX]D\b|\p{Extended_Pictographic}|\uFE0F)+$/u
const mark = /[?？؟]/
/** How many characters of the end are checked. */
const tailLengthMax = 64

/**
 * True if a text ends in a question mark. Spaces, closing quotes and brackets, more marks and smileys may follow it: `really?!`, `(is it?)`,
 * `why? :)`. A question mark in the middle, as in the address of a page, does not count.
 *
 * Opening words (`how do i …`, `does anyone …`) don't count, although many people ask without a mark: they are a better sign that a
 * conversation starts, and have their own cue (`Wording.requests`).
 */
export function isQuestion(text: string): boolean {
  const end = text.trimEnd().slice(-tailLengthMax)
  return mark.test(tail.exec(end)?.[0] ?? '')
}
