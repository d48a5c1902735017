// Runs the tests of the system that `tidings init` writes on the sources of this repository.
import '../templates/system/test/system.test.ts'
