// The public entry of the Node adapter.
export {}
