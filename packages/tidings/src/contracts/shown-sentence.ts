// A sentence for the compiler to show beside the values that fit. Types only.

declare const shown: unique symbol

/** A text that no value has: where one of several names or numbers is expected, it says what to do about any other. */
export type ShownSentence<Text extends string> = string & { readonly [shown]: Text extends string ? true : true }
