// The public entry of the command line.
export {}
