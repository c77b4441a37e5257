/**
 * Whether a member of a class is documented where it was first declared, or belongs to the language
 * (like `Error.name`). Editors show that text for the overriding member too, so writing it twice
 * would only let the two drift apart.
 */
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from './package.mjs';

/** A judge over the sources; they are read when the first question comes. */
export function inheritedDocs() {
  let program;
  return (path, line, name) => {
    program ??= readSources();
    const checker = program.getTypeChecker();
    const file = program.getSourceFile(path);
    const member = file && memberAt(file, line, name);
    return member !== undefined && inherits(member.parent);

    function inherits(owner) {
      return basesOf(owner, checker).some((base) => documents(base.getProperty(name)));
    }

    function documents(inherited) {
      if (inherited === undefined) return false;
      if (inherited.getDocumentationComment(checker).length > 0) return true;
      const owners = (inherited.declarations ?? []).map(({ parent }) => parent);
      const isPlatform = (owner) => program.isSourceFileDefaultLibrary(owner.getSourceFile());
      return owners.some((owner) => isPlatform(owner) || inherits(owner));
    }
  };
}

function readSources() {
  const path = join(ROOT, 'tsconfig.build.json');
  const { config } = ts.readConfigFile(path, ts.sys.readFile);
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  return ts.createProgram(fileNames, options);
}

/** The class or interface member of that name on that line. */
function memberAt(file, line, name) {
  const find = (node) => {
    const owner = ts.isClassLike(node) || ts.isInterfaceDeclaration(node);
    const member = owner ? node.members.find(isWanted) : undefined;
    return member ?? ts.forEachChild(node, find);
  };
  const isWanted = (member) => {
    const start = file.getLineAndCharacterOfPosition(member.getStart(file)).line + 1;
    const end = file.getLineAndCharacterOfPosition(member.getEnd()).line + 1;
    return member.name?.getText(file) === name && start <= line && line <= end;
  };
  return find(file);
}

/** The types that a class or interface extends or implements. */
function basesOf(owner, checker) {
  return (owner.heritageClauses ?? [])
    .flatMap((clause) => clause.types)
    .map((type) => checker.getTypeAtLocation(type));
}
