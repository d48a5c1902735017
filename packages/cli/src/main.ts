// The tidings command.
export {}
