// A process that answers whoever asks it, until it is let go.
process.on('message', () => process.send?.('here'))
process.send?.('ready')
