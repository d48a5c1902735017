// Preloaded by `node --import`: makes Node behave as if @tidings/testing were not installed.

import { registerHooks } from 'node:module'

registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier === '@tidings/testing' ? '@tidings/not-installed' : specifier, context),
})
