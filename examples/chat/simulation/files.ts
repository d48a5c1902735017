// Files that members attach: some may be shown, others may not.

const base64 = (text: string) => btoa(text)
const png = '\u0089PNG\r\n\u001a\n and so on'

/** Files, as `add-attachment` takes them. */
export const files = [
  { fileName: 'tomatoes.png', mediaType: 'image/png', content: base64(png) },
  { fileName: 'notes.txt', mediaType: 'text/plain', content: base64('what I have tried so far') },
  { fileName: 'tomatoes.png.exe', mediaType: 'image/png', content: base64(png) },
  { fileName: 'offer.txt', mediaType: 'text/plain', content: base64('Free  Bitcoin for everybody') },
  { fileName: 'page.html', mediaType: 'text/html', content: base64('<p>hello</p>') },
]
