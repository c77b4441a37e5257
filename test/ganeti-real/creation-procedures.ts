/**
 * Which of the node daemon's procedures a creation can call, found out from the sources, so that a
 * new call cannot be forgotten: the port's methods that its code names, undo included, and the
 * procedures behind each of them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));

/** What a creation consists of: its own code, what it shares with others, hooks and allocators. */
const ROOMS = ['instance-create', 'transfer', 'hooks', 'ganeti/allocator'];

/** Where methods become procedures. */
const CALLS = 'ganeti/node';

/** Undo actions that only exports defer, although they lie beside those of imports. */
const OF_EXPORTS: ReadonlySet<string> = new Set(['export_remove']);

/** Procedures by method of the port. */
export function proceduresByMethod(): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const file of sources(CALLS)) {
    const functions = functionsOf(file);
    for (const method of methodsOf(file)) {
      const procedures = found.get(method.name.text) ?? new Set();
      for (const name of proceduresIn(method.initializer, functions)) procedures.add(name);
      if (procedures.size > 0) found.set(method.name.text, procedures);
    }
  }
  return found;
}

/** All that a creation can call, sorted. */
export function proceduresOfCreation(): readonly string[] {
  const byMethod = proceduresByMethod();
  const found = new Set<string>();
  for (const file of ROOMS.flatMap((room) => sources(room))) {
    for (const method of membersNamedIn(file)) {
      for (const procedure of byMethod.get(method) ?? []) found.add(procedure);
    }
  }
  // Allocators are run by a function of their own, which is no method of the port.
  const runner = sources(CALLS).filter(({ fileName }) => fileName.endsWith('allocator-runner.ts'));
  for (const file of runner) for (const name of proceduresIn(file, new Map())) found.add(name);
  return [...found].filter((name) => !OF_EXPORTS.has(name)).sort();
}

function sources(room: string): readonly ts.SourceFile[] {
  return readdirSync(`${SRC}${room}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => {
      const text = readFileSync(`${SRC}${room}/${name}`, 'utf8');
      return ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true);
    });
}

/** `rpc.createDisk` names `createDisk`. */
function membersNamedIn(file: ts.SourceFile): readonly string[] {
  return all(file, ts.isPropertyAccessExpression).map(({ name }) => name.text);
}

type Method = ts.PropertyAssignment & { readonly name: ts.Identifier };

/** `createDisk: (node, …) => …` */
function methodsOf(file: ts.SourceFile): readonly Method[] {
  return all(file, ts.isPropertyAssignment).filter(
    (member): member is Method =>
      ts.isIdentifier(member.name) && ts.isArrowFunction(member.initializer),
  );
}

function functionsOf(file: ts.SourceFile): ReadonlyMap<string, ts.Node> {
  const named = all(file, ts.isFunctionDeclaration);
  return new Map(named.map((declared) => [declared.name?.text ?? '', declared]));
}

/** `procedure: 'x'` in the code, or in functions of the same file that it calls. */
function proceduresIn(
  node: ts.Node,
  functions: ReadonlyMap<string, ts.Node>,
  seen: ReadonlySet<ts.Node> = new Set(),
): readonly string[] {
  const literals = all(node, ts.isPropertyAssignment)
    .filter(({ name }) => name.getText() === 'procedure')
    .flatMap(({ initializer }) => (ts.isStringLiteral(initializer) ? [initializer.text] : []));
  const called = all(node, ts.isCallExpression)
    .flatMap(({ expression }) => functions.get(expression.getText()) ?? [])
    .filter((body) => !seen.has(body));
  const known = new Set([...seen, ...called]);
  return [...literals, ...called.flatMap((body) => proceduresIn(body, functions, known))];
}

function all<T extends ts.Node>(root: ts.Node, is: (node: ts.Node) => node is T): readonly T[] {
  const found: T[] = [];
  const visit = (node: ts.Node): void => {
    if (is(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(root);
  return found;
}
