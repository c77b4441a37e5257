/**
 * What the rules know of the sources: parsed files, their imports, and which of them a reader can
 * reach from the outside. Works on any set of files, so that a rule can be tried on a bad sample.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';

/** One import or re-export of a file. */
export interface Import {
  readonly specifier: string;
  /** The file in the project that a relative import means; it need not exist. */
  readonly target: string | undefined;
  readonly line: number;
}

/** One source file, parsed. */
export interface Source {
  /** From the root of the project, with slashes. */
  readonly path: string;
  /** First folder below src/, or the name of a file that lies in src/ itself. */
  readonly room: string | undefined;
  readonly text: string;
  readonly tree: ts.SourceFile;
  readonly imports: readonly Import[];
}

/** All that is judged together. */
export interface Project {
  readonly sources: ReadonlyMap<string, Source>;
  /** Source files behind package.json#exports. */
  readonly entries: readonly string[];
  readonly manifest: Manifest;
}

/** The parts of package.json that rules look at. */
export interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** Something that breaks a rule. */
export interface Violation {
  readonly at: string;
  readonly message: string;
}

/** What benchmarks have in common with tests. */
const SHARED_RIGS = ['test/etcd/rig'];

/** Reads the folders of the project which hold shipped or shown code. */
export function readProject(root: string): Project {
  const files: Record<string, string> = {};
  for (const folder of ['src', 'examples', 'bench', ...SHARED_RIGS]) {
    for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
      const path = join(entry.parentPath, entry.name);
      files[path.slice(root.length).replaceAll('\\', '/')] = readFileSync(path, 'utf8');
    }
  }
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
  return makeProject(files, manifest);
}

/** Parses the given files. */
export function makeProject(files: Readonly<Record<string, string>>, manifest: Manifest): Project {
  const sources = new Map<string, Source>();
  for (const [path, text] of Object.entries(files)) sources.set(path, parse(path, text));
  const entries = Object.values(manifest.exports).flatMap((target) =>
    typeof target === 'string' ? [] : [sourceOf(target.default)],
  );
  return { sources, entries, manifest };
}

/** Every node of a file, parents before children. */
export function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node;
  const children: ts.Node[] = [];
  node.forEachChild((child) => void children.push(child));
  for (const child of children) yield* nodesOf(child);
}

/** `path:line` of a node. */
export function place(source: Source, node: ts.Node): string {
  return `${source.path}:${lineOf(source.tree, node.getStart(source.tree))}`;
}

/** Number of the line, from 1, of a position in a file. */
export function lineOf(tree: ts.SourceFile, position: number): number {
  return tree.getLineAndCharacterOfPosition(position).line + 1;
}

function sourceOf(built: string): string {
  return built.replace(/^\.\/dist\//, 'src/').replace(/\.js$/, '.ts');
}

function parse(path: string, text: string): Source {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const [folder, second] = path.split('/');
  const room = folder === 'src' ? second?.replace(/\.ts$/, '') : undefined;
  return { path, room, text, tree, imports: importsOf(path, tree) };
}

function importsOf(path: string, tree: ts.SourceFile): Import[] {
  const found: Import[] = [];
  for (const node of nodesOf(tree)) {
    const specifier = namedModule(node);
    if (specifier === undefined) continue;
    const target = specifier.startsWith('.')
      ? posix.join(posix.dirname(path), specifier).replace(/\.js$/, '.ts')
      : undefined;
    found.push({ specifier, target, line: lineOf(tree, node.getStart(tree)) });
  }
  return found;
}

/** The module that a node imports, if it imports one. */
function namedModule(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    return node.moduleSpecifier.text;
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    return ts.isStringLiteral(node.moduleSpecifier) ? node.moduleSpecifier.text : '';
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    const { literal } = node.argument;
    return ts.isStringLiteral(literal) ? literal.text : undefined;
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [first] = node.arguments;
    return first !== undefined && ts.isStringLiteral(first) ? first.text : '(computed)';
  }
  return undefined;
}
