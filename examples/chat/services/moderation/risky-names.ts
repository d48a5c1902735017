// Names that a program could hide behind: its own extension anywhere in the name, or characters that make it read otherwise.

const executable = new Set(
  'apk app appimage bat bin cmd com command cpl deb dll dmg exe hta html htm iso jar js jse lnk mjs msi php pif ps1 py rpm run scr sh svg vb vbe vbs wsf xhtml'.split(
    ' ',
  ),
)

// Direction marks turn `photo_gpj.exe` around; invisible characters and trailing dots or spaces hide an ending.
const deceiving = /[\p{Bidi_Control}\u200b\u2060\ufeff\u00ad]|[. ]$/u

/** Whether a name is risky: `invoice.pdf.exe`, `setup.exe.txt`, `photo\u202Egpj.exe`, `holiday.png.`. */
export function isRiskyName(fileName: string): boolean {
  if (deceiving.test(fileName)) return true
  const [, ...extensions] = fileName.normalize('NFKC').toLowerCase().split('.')
  return extensions.some((extension) => executable.has(extension.trim()))
}
