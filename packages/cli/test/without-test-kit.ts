// Preloaded by `node --import`: a machine on which @tidings/testing is not installed.

import { registerHooks } from 'node:module'

registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier === '@tidings/testing' ? '@tidings/not-installed' : specifier, context),
})
