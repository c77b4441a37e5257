/**
 * Rules about how a file looks from afar: how long, how wide, whether it says why it exists, and
 * whether anything was left undone in it.
 */
import ts from 'typescript';
import { nodesOf, place, type Project, type Source, type Violation } from './facts.js';
import { LIMITS } from './tables.js';

/** A file holds one idea. An entry is a list of names and may be as long as it must. */
export function shortFiles({ sources, entries }: Project): Violation[] {
  return [...sources.values()].flatMap(({ path, text }) => {
    if (entries.includes(path)) return [];
    const lines = text.replace(/\n$/, '').split('\n').length;
    if (lines <= LIMITS.fileLines) return [];
    return [
      { at: `${path}:1`, message: `${lines} lines, ${LIMITS.fileLines} at most: split by idea` },
    ];
  });
}

/** A function can be seen whole. */
export function shortFunctions({ sources }: Project): Violation[] {
  return [...sources.values()].flatMap((source) =>
    [...nodesOf(source.tree)].filter(hasBody).flatMap((node) => {
      const lines = node.getText(source.tree).split('\n').length;
      if (lines <= LIMITS.functionLines) return [];
      const message = `a function of ${lines} lines, ${LIMITS.functionLines} at most: give its parts names`;
      return [{ at: place(source, node), message }];
    }),
  );
}

/** Two files fit side by side. */
export function shortLines({ sources }: Project): Violation[] {
  return eachLine(sources, (line) =>
    line.length <= LIMITS.columns ? undefined : `${line.length} columns, ${LIMITS.columns} at most`,
  );
}

/** A file says first why it exists. */
export function headers({ sources }: Project): Violation[] {
  return [...sources.values()].flatMap(({ path, text }) => {
    const letters = headerOf(text).replaceAll(/[^\p{L}]/gu, '').length;
    if (letters >= LIMITS.headerLetters) return [];
    return [{ at: `${path}:1`, message: 'start with a comment: why it exists and what it owns' }];
  });
}

/** Nothing is left for later in so many words. */
export function noLeftovers({ sources }: Project): Violation[] {
  return eachLine(sources, (line) =>
    /\b(TODO|FIXME|XXX|HACK)\b/.test(line) ? 'finish it, or write it in the changelog' : undefined,
  );
}

/** No comment switches a check off. */
export function noSuppressions({ sources }: Project): Violation[] {
  return eachLine(sources, (line) =>
    /@ts-(ignore|nocheck|expect-error)|eslint-disable|biome-ignore/.test(line)
      ? 'fix what the check found instead of silencing it'
      : undefined,
  );
}

/** The first comment of a file, unless it documents the declaration that follows. */
function headerOf(text: string): string {
  const body = text.replace(/^#!.*\n/, '');
  const [first] = ts.getLeadingCommentRanges(body, 0) ?? [];
  if (first === undefined || first.pos !== 0) return '';
  const comment = body.slice(0, first.end);
  return /@(public|internal|beta|alpha)\b/.test(comment) ? '' : comment;
}

function hasBody(node: ts.Node): boolean {
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;
}

function eachLine(
  sources: ReadonlyMap<string, Source>,
  judge: (line: string) => string | undefined,
): Violation[] {
  return [...sources.values()].flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => {
      const message = judge(line);
      return message === undefined ? [] : [{ at: `${path}:${index + 1}`, message }];
    }),
  );
}
