// The service `moderation`.
import { judgeAdded } from './judge-added.ts'
import { moderation } from './service.ts'
import { verdictOnAttachment } from './verdict-on-attachment.ts'

export default moderation.with({ judgeAdded, verdictOnAttachment })
