/**
 * Rules about what stands in a file: words that are not for shipped code, time and chance, the
 * shape of Logical Units and of the public doors.
 */
import ts from 'typescript';
import { nodesOf, place, type Project, type Source, type Violation } from './facts.js';
import { CHANCE, PURE_FILES, SOURCES_OF_CHANCE } from './tables.js';

/** No `any`, and no way around the type checker. */
export function noAny(project: Project): Violation[] {
  return eachNode(project, (node) => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) return "say 'unknown' and narrow it, not 'any'";
    const twice =
      ts.isAsExpression(node) &&
      ts.isAsExpression(node.expression) &&
      node.expression.type.kind === ts.SyntaxKind.UnknownKeyword;
    return twice ? "'as unknown as' hides an error: narrow, or fix the type" : undefined;
  });
}

/** What is exported is named one by one. */
export function namedExports(project: Project): Violation[] {
  return eachNode(project, (node) => {
    if (ts.isExportDeclaration(node) && node.exportClause === undefined) {
      return "name what is exported instead of 'export *'";
    }
    const modifiers = ts.canHaveModifiers(node) ? ts.getModifiers(node) : undefined;
    const isDefault = modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword) === true;
    return isDefault || ts.isExportAssignment(node) ? 'export it under its name' : undefined;
  });
}

/** Nothing that is exported is called `then`: whoever imports such a module waits for ever. */
export function noThenables(project: Project): Violation[] {
  return eachNode(project, (node, { path }) =>
    path.startsWith('src/') && exportedNames(node).includes('then')
      ? "'await import()' of this module would call it as a promise's: use another name"
      : undefined,
  );
}

/** The names under which a node exports something. */
function exportedNames(node: ts.Node): string[] {
  if (ts.isExportSpecifier(node)) return [node.name.text];
  if (ts.isNamespaceExport(node)) return [node.name.text];
  const modifiers = ts.canHaveModifiers(node) ? ts.getModifiers(node) : undefined;
  if (modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) !== true) return [];
  if (ts.isVariableStatement(node)) {
    return node.declarationList.declarations.flatMap(({ name }) => boundNames(name));
  }
  const isValue = ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node);
  return (isValue || ts.isEnumDeclaration(node)) && node.name ? [node.name.text] : [];
}

function boundNames(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((each) => (ts.isBindingElement(each) ? boundNames(each.name) : []));
}

/** Time and chance come from `Clock` and `Ids`. */
export function noChance(project: Project): Violation[] {
  return eachNode(project, (node, source) => {
    const name = chanceIn(node);
    if (name === undefined) return undefined;
    if ((SOURCES_OF_CHANCE[source.path] ?? []).includes(name)) return undefined;
    return `'${name}' makes a run unrepeatable; use ${CHANCE[name] ?? 'Ids or Clock'} instead`;
  });
}

/** The lists of exceptions hold no file that needs none. */
export function usedExceptions({ sources }: Project): Violation[] {
  return Object.entries(SOURCES_OF_CHANCE).flatMap(([path, names]) => {
    const tree = sources.get(path)?.tree;
    const found = new Set(tree === undefined ? [] : [...nodesOf(tree)].map(chanceIn));
    return names
      .filter((name) => name in CHANCE && !found.has(name))
      .map((name) => ({ at: `${path}:1`, message: `does not use '${name}'; drop the exception` }));
  });
}

/** The library prints nothing. */
export function noConsole(project: Project): Violation[] {
  return eachNode(project, (node) =>
    ts.isIdentifier(node) && node.text === 'console' ? 'report through Reporter' : undefined,
  );
}

/** Files that decide never wait. */
export function pureFiles(project: Project): Violation[] {
  return eachNode(project, (node, { path }) => {
    if (!PURE_FILES.includes(path)) return undefined;
    const waits =
      node.kind === ts.SyntaxKind.AsyncKeyword ||
      ts.isAwaitExpression(node) ||
      (ts.isIdentifier(node) && node.text === 'Promise');
    return waits ? 'this file is pure: wait in the shell around it' : undefined;
  });
}

/** No state that all users of the package share. */
export function noModuleState({ sources }: Project): Violation[] {
  return [...sources.values()].filter(isShipped).flatMap((source) =>
    source.tree.statements
      .filter(ts.isVariableStatement)
      .filter(({ declarationList }) => (declarationList.flags & ts.NodeFlags.Const) === 0)
      .map((statement) => ({
        at: place(source, statement),
        message: 'state of a module is a hidden singleton; keep it in an object that is passed in',
      })),
  );
}

/** A Logical Unit keeps nothing between its phases. */
export function statelessUnits({ sources }: Project): Violation[] {
  const classes = [...sources.values()].flatMap((source) =>
    [...nodesOf(source.tree)].filter(ts.isClassLike).map((node) => ({ source, node })),
  );
  const units = new Set(['LogicalUnit']);
  for (let before = 0; before < units.size; ) {
    before = units.size;
    for (const { node } of classes) if (isUnit(node, units) && node.name) units.add(node.name.text);
  }
  return classes
    .filter(({ node }) => isUnit(node, units))
    .flatMap(({ source, node: unit }) =>
      writesOf(unit).map(({ node, message }) => ({ at: place(source, node), message })),
    );
}

/** The doors of the package are lists: re-exports of names, and nothing else. */
export function plainEntries({ sources, entries }: Project): Violation[] {
  return entries.flatMap((path) => {
    const source = sources.get(path);
    if (source === undefined)
      return [{ at: `${path}:1`, message: 'package.json exports it: write it' }];
    return source.tree.statements
      .filter((node) => !ts.isExportDeclaration(node) || node.moduleSpecifier === undefined)
      .map((node) => ({ at: place(source, node), message: 'an entry only re-exports: move it' }));
  });
}

function writesOf(unit: ts.ClassLikeDeclaration): { node: ts.Node; message: string }[] {
  const fields = unit.members
    .filter(ts.isPropertyDeclaration)
    .filter(
      ({ modifiers }) => !modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ReadonlyKeyword),
    )
    .map((node) => ({ node, message: "a field of a Logical Unit is 'readonly'" }));
  const writes = unit.members
    .filter((member) => !ts.isConstructorDeclaration(member))
    .flatMap((member) => [...nodesOf(member)])
    .filter((node) => writesThis(node))
    .map((node) => ({ node, message: 'a phase returns its value; it does not write to this' }));
  return [...fields, ...writes];
}

function writesThis(node: ts.Node): boolean {
  if (ts.isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    const assigns = kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
    return assigns && mentionsField(node.left);
  }
  const counts = ts.isPostfixUnaryExpression(node) || ts.isPrefixUnaryExpression(node);
  if (counts && isCount(node.operator)) return mentionsField(node.operand);
  return ts.isDeleteExpression(node) && mentionsField(node.expression);
}

function isCount(operator: ts.SyntaxKind): boolean {
  return operator === ts.SyntaxKind.PlusPlusToken || operator === ts.SyntaxKind.MinusMinusToken;
}

/** Whether a target of an assignment is (or, if it takes a value apart, contains) a part of this. */
function mentionsField(target: ts.Node): boolean {
  if (ts.isArrayLiteralExpression(target) || ts.isObjectLiteralExpression(target)) {
    return [...nodesOf(target)].some(({ kind }) => kind === ts.SyntaxKind.ThisKeyword);
  }
  let root = target;
  while (
    ts.isPropertyAccessExpression(root) ||
    ts.isElementAccessExpression(root) ||
    ts.isNonNullExpression(root) ||
    ts.isParenthesizedExpression(root)
  ) {
    root = root.expression;
  }
  return root.kind === ts.SyntaxKind.ThisKeyword;
}

function isUnit(node: ts.ClassLikeDeclaration, units: ReadonlySet<string>): boolean {
  return (node.heritageClauses ?? [])
    .flatMap(({ types }) => types)
    .some(({ expression }) => ts.isIdentifier(expression) && units.has(expression.text));
}

/** The word for time or chance that a node uses. */
function chanceIn(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) {
    const text = `${node.expression.getText()}.${node.name.text}`;
    if (text === 'Math.random' || text === 'AbortSignal.timeout') return text;
  }
  if (!ts.isIdentifier(node) || !Object.hasOwn(CHANCE, node.text)) return undefined;
  return node.text === 'Date' && isFixedDate(node) ? undefined : node.text;
}

/** `new Date(ms)`, `Date.parse(text)` and the type `Date` are the same on every run. */
function isFixedDate({ parent }: ts.Identifier): boolean {
  if (ts.isNewExpression(parent)) return (parent.arguments?.length ?? 0) > 0;
  if (ts.isPropertyAccessExpression(parent)) return ['parse', 'UTC'].includes(parent.name.text);
  return ts.isTypeReferenceNode(parent);
}

function isShipped({ room }: Source): boolean {
  return room !== undefined;
}

function eachNode(
  { sources }: Project,
  judge: (node: ts.Node, source: Source) => string | undefined,
): Violation[] {
  return [...sources.values()].filter(isShipped).flatMap((source) =>
    [...nodesOf(source.tree)].flatMap((node) => {
      const message = judge(node, source);
      return message === undefined ? [] : [{ at: place(source, node), message }];
    }),
  );
}
