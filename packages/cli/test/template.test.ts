// The system that `tidings init` writes passes its own tests here too, on the sources of this repository.
import '../templates/system/test/system.test.ts'
