// What is said when a folder holds no chat that can be imported. A single line that can't be imported is no such error.

/** A folder or file that is not what it should be: the message says what was found, the hint what to do next. */
export class FolderError extends Error {
  readonly hint: string

  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options)
    this.hint = hint
  }
}
