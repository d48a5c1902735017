// File names that could hide a program: an executable extension anywhere in the name, or characters that change how it is read.

const executable = new Set(
  'apk app appimage bat bin cmd com command cpl deb dll dmg exe hta html htm iso jar js jse lnk mjs msi php pif ps1 py rpm run scr sh svg vb vbe vbs wsf xhtml'.split(
    ' ',
  ),
)

// Direction marks reverse `photo_gpj.exe`; invisible characters and trailing dots or spaces hide an extension.
const deceiving =
  /[\p{Bidi_Control}\u200b\u2060\ufeff\u00ad\u115f\u1160\u2800\u3164\uffa0\u{e0000}-\u{e007f}]|\u034f|[. ]$/u

/** Whether a name is risky: `invoice.pdf.exe`, `setup.exe.txt`, `photo\u202Egpj.exe`, `holiday.png.`. */
export function isRiskyName(fileName: string): boolean {
  if (deceiving.test(fileName)) return true
  const [, ...extensions] = fileName.normalize('NFKC').toLowerCase().split('.')
  return extensions.some((extension) => executable.has(extension.trim()))
}
