// The public entry of the conformance suites.
export {}
