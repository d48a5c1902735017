// The service `threads`.
import { followEdit, followRedaction } from './follow-changes.ts'
import { linkPosted } from './link-posted.ts'
import { linksOfRoom, threadOfMessage } from './links-of-room.ts'
import { liveLinks } from './live-links.ts'
import { threads } from './service.ts'

export default threads.with({ linkPosted, followEdit, followRedaction, linksOfRoom, threadOfMessage, liveLinks })
