// The entry of this folder: reading days of IRC logs and their annotations, turning lines into commands, and scoring links.
export { annotatedFrom, type Link, readAnnotation } from './annotation.ts'
export { FolderError } from './folder-error.ts'
export { identitiesOf } from './identities.ts'
export { LineSteps, lineId, logRoom, placeOfLine, type Step } from './line-steps.ts'
export { heardOf, linksOfDay } from './links-of-day.ts'
export { type LogLine, lineLengthMax, nickLengthMax } from './log-line.ts'
export { type ChatDay, type RejectedLine, readDay, readDays } from './read-day.ts'
export { addScores, type LinkScore, scoreLinks } from './score-links.ts'
