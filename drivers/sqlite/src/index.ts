// The public entry of the SQLite driver.
export {}
