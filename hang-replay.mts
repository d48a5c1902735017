import { memoryEngines, playSchedule } from '@tidings/testing'
import { chatServices } from './examples/chat/services/index.ts'
import chat from './examples/chat/simulation.ts'
const step=(service,command,input)=>({ service, command, input, sequence: undefined, occurredAt: undefined, principal: undefined })
const schedule={seed:21,actions:[
 {kind:'command',step:step('rooms','open-room',{roomId:'help',title:'Help'}),number:1,again:false,afterMs:0},
 {kind:'fault',fault:{fault:'failingHandler',service:'impulses',handler:'welcome.hello',times:1000},afterMs:0},
 {kind:'command',step:step('members','register-member',{memberId:'dana',name:'Dana',timeZone:'America/New_York'}),number:2,again:false,afterMs:0},
 {kind:'command',step:step('rooms','enter-room',{roomId:'help',entryId:'e-0015',memberId:'dana'}),number:3,again:false,afterMs:0},
 {kind:'wait',waitMs:1799375,afterMs:0}]}
for (const engine of memoryEngines) { const run=await playSchedule(schedule as never,{services:chatServices,simulation:chat,invariants:chat.invariants,start:chat.start, engines:[engine]} as never); console.log(engine.name, run.failure?.breaches) }
