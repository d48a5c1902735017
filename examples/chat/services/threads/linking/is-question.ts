// Whether a text asks something. Invariant: the answer depends on the end of the text alone.

// What may stand behind the mark: spaces, closing quotes and brackets, more marks, and smileys such as `:)`, `;-P`, `xD` or 🙂.
const tail = /(?:[\s"'’”»)\]}>*_^!.?？؟]|[:;=]['’]?-?[()DPpoO/\\|]|\b[xX]D\b|\p{Extended_Pictographic}|\uFE0F)+$/u
const mark = /[?？؟]/
/** How much of the end is looked at, in characters. */
const tailLengthMax = 64

/**
 * True where a text ends in a question mark. Behind it may stand spaces, closing quotes and brackets, more marks of any kind and
 * smileys: `really?!`, `(is it?)`, `why? :)`. A question mark in the middle, as in the address of a page, asks nothing.
 *
 * Opening words (`how do i …`, `does anyone …`) don't count, though many ask with them and without a mark: they tell that a
 * conversation starts better than that somebody asks, and are a cue of their own for that (`Wording.requests`).
 */
export function isQuestion(text: string): boolean {
  const end = text.trimEnd().slice(-tailLengthMax)
  return mark.test(tail.exec(end)?.[0] ?? '')
}
