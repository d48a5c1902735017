// Reads interfaces from the sources: their members, types and docstrings. Nothing is run.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { root } from '../rules/repository.ts'

/** A member of an interface as its source has it. */
export interface DocumentedMember {
  readonly name: string
  readonly optional: boolean
  readonly type: string
  /** The docstring in one line; empty if there is none. */
  readonly text: string
}

/** A source file, parsed. */
export const parse = (file: string): ts.SourceFile =>
  ts.createSourceFile(file, readFileSync(path.join(root, file), 'utf8'), ts.ScriptTarget.Latest, true)

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

/** A type in one line, without its comments; its members are separated by `;`. */
const typeText = (text: string): string =>
  oneLine(text.replaceAll(/\/\*\*[\s\S]*?\*\//g, '').replaceAll(/(?<!\{\s*)\n\s*(?=readonly )/g, '; '))

/** What a tag says: a parameter with its name, a result as a sentence, any other tag as it is. */
const tagText = (tag: ts.JSDocTag): string => {
  const text = oneLine(ts.getTextOfJSDocComment(tag.comment) ?? '').replace(/^- /, '')
  if (text === '') return ''
  if (ts.isJSDocParameterTag(tag)) return `\`${tag.name.getText()}\`: ${text}`
  return ts.isJSDocReturnTag(tag) ? `Returns ${text}` : text
}

const docstringOf = (node: ts.Node): string =>
  ts
    .getJSDocCommentsAndTags(node)
    .filter(ts.isJSDoc)
    .flatMap(({ comment, tags }) => [oneLine(ts.getTextOfJSDocComment(comment) ?? ''), ...(tags ?? []).map(tagText)])
    .filter((text) => text !== '')
    .join(' ')

type ObjectDeclaration = ts.InterfaceDeclaration | ts.TypeAliasDeclaration

const interfaceOf = (file: string, name: string): ObjectDeclaration => {
  const objects = parse(file).statements.filter(
    (each): each is ObjectDeclaration => ts.isInterfaceDeclaration(each) || ts.isTypeAliasDeclaration(each),
  )
  const found = objects.find((each) => each.name.text === name)
  if (found === undefined) throw new Error(`${file} has no interface ${name}`)
  return found
}

/** The members that a declaration adds: those of an interface, or of the object types of an alias. */
const ownMembers = (declaration: ObjectDeclaration): readonly ts.TypeElement[] => {
  if (ts.isInterfaceDeclaration(declaration)) return declaration.members
  const parts = ts.isIntersectionTypeNode(declaration.type) ? declaration.type.types : [declaration.type]
  return parts.flatMap((part) => (ts.isTypeLiteralNode(part) ? [...part.members] : []))
}

/** The members of an interface or object type, in the order of the source; one that is called like a function is named `(…)`. */
export const membersOf = (file: string, name: string): readonly DocumentedMember[] =>
  ownMembers(interfaceOf(file, name)).flatMap((member) => {
    if (ts.isCallSignatureDeclaration(member))
      return [{ name: '(…)', optional: false, type: typeText(member.getText()), text: docstringOf(member) }]
    if (member.name === undefined) return []
    const type = ts.isPropertySignature(member)
      ? member.type?.getText()
      : member.getText().slice(member.name.getText().length)
    const text = docstringOf(member)
    return [
      { name: member.name.getText(), optional: member.questionToken !== undefined, type: typeText(type ?? ''), text },
    ]
  })

/** The docstring of an interface. */
export const interfaceText = (file: string, name: string): string => docstringOf(interfaceOf(file, name))

/** The docstring of a function that a file exports. */
export const functionText = (file: string, name: string): string => {
  const found = parse(file).statements.find((each) => ts.isFunctionDeclaration(each) && each.name?.text === name)
  if (found === undefined) throw new Error(`${file} has no function ${name}`)
  return docstringOf(found)
}

/** The docstring of a member of an interface. */
export const memberText = (file: string, name: string, member: string): string => {
  const found = membersOf(file, name).find((each) => each.name === member)
  if (found === undefined) throw new Error(`${name} in ${file} has no member ${member}`)
  return found.text
}

/** The docstrings of the members of an object that is a constant of a file, by name. */
export const memberTexts = (file: string, constant: string): ReadonlyMap<string, string> => {
  const texts = new Map<string, string>()
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.name.getText() === constant) {
      const collect = (inner: ts.Node): void => {
        if (ts.isPropertyAssignment(inner)) texts.set(inner.name.getText(), docstringOf(inner))
        ts.forEachChild(inner, collect)
      }
      collect(node)
    } else ts.forEachChild(node, visit)
  }
  visit(parse(file))
  return texts
}
