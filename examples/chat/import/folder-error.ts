// The error for a folder or file that cannot be imported. A single line that cannot be imported is rejected instead.

/** A wrong folder or file: the message says what was found, the hint says what to do next. */
export class FolderError extends Error {
  readonly hint: string

  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options)
    this.hint = hint
  }
}
