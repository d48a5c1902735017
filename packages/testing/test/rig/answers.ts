// A process that answers every message until it is disconnected.
process.on('message', () => process.send?.('here'))
process.send?.('ready')
