// Trees: a line for each node, behind its branches. A long line continues below, behind the same branches.

import { dim, type Text, wrapped } from './text.ts'

/** A node of a tree. */
export interface TreeNode {
  /** Its line. */
  readonly text: Text
  readonly children: readonly TreeNode[]
}

/** The lines of trees, each at most `width` columns wide; a root has no branch before it. */
export function treeLines(roots: readonly TreeNode[], width: number): readonly Text[] {
  return roots.flatMap((root) => nodeLines(root, '', '', width))
}

function nodeLines(node: TreeNode, first: string, rest: string, width: number): readonly Text[] {
  const below = node.children.length > 0 ? '│ ' : '  '
  const lines = wrapped(node.text, Math.max(20, width - rest.length - below.length))
  const own = lines.map((line, index): Text => [dim(index === 0 ? first : `${rest}${below}`), line])
  const inner = node.children.flatMap((child, index) => {
    const last = index === node.children.length - 1
    return nodeLines(child, `${rest}${last ? '└─ ' : '├─ '}`, `${rest}${last ? '   ' : '│  '}`, width)
  })
  return [...own, ...inner]
}
