import { join, relative, sep } from 'node:path';
import { type BinaryExpression, type ElementAccessExpression, type Node, SyntaxKind } from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';

/** A lookup in a plain object by a name that is not known beforehand: `file:line expression`. */
export type Lookup = string;

type Suspect = { readonly node: Node; readonly name: Node };

/**
 * Finds lookups by names that only the data knows, in the files below some folders: `record[name]` and `name in record` with a `name` of type
 * string, which find what every object inherits when the name is `constructor`, and assignments that lose `__proto__`. Names of a closed
 * union, numbers and literals are safe, and so is `delete`. The types are the compiler's.
 */
export function lookupsByName(root: string, folders: readonly string[]): readonly Lookup[] {
  const api = new API({ cwd: root });
  try {
    const project = api.updateSnapshot({ openProjects: [join(root, 'tsconfig.json')] }).getProjects()[0];
    if (project === undefined) throw new Error(`no project in ${root}`);
    const below = folders.map((folder) => join(root, folder, sep));
    return project.program
      .getSourceFileNames()
      .filter((file) => below.some((folder) => file.startsWith(folder)))
      .flatMap((file) => {
        const source = project.program.getSourceFile(file);
        if (source === undefined) return [];
        const suspects = suspectsIn(source);
        const types = suspects.length === 0 ? [] : project.checker.getTypeAtLocation(suspects.map(({ name }) => name));
        return suspects.flatMap(({ node }, index) => {
          const type = types[index];
          const name = type === undefined ? 'any' : project.checker.typeToString(type);
          if (!['string', 'any', 'unknown'].includes(name)) return [];
          const text = source.text.slice(node.pos, node.end).trim();
          const line = source.text.slice(0, node.end - text.length).split('\n').length;
          return [`${relative(root, file).split(sep).join('/')}:${line} ${text}`];
        });
      });
  } finally {
    api.close();
  }
}

function suspectsIn(source: Node): readonly Suspect[] {
  const found: Suspect[] = [];
  const walk = (node: Node, parent: Node): void => {
    if (node.kind === SyntaxKind.ElementAccessExpression && parent.kind !== SyntaxKind.DeleteExpression) {
      const { argumentExpression: name } = node as ElementAccessExpression;
      if (!isLiteral(name)) found.push({ node, name });
    }
    if (node.kind === SyntaxKind.BinaryExpression) {
      const { left, operatorToken } = node as BinaryExpression;
      if (operatorToken.kind === SyntaxKind.InKeyword && !isLiteral(left)) found.push({ node, name: left });
    }
    node.forEachChild((child) => {
      walk(child, node);
    });
  };
  walk(source, source);
  return found;
}

function isLiteral({ kind }: Node): boolean {
  return kind === SyntaxKind.StringLiteral || kind === SyntaxKind.NumericLiteral || kind === SyntaxKind.PrivateIdentifier;
}
