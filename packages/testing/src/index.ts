// The public entry of the test kit.
export {}
