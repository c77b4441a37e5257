/**
 * Answers of allocator programs: those of the real one are understood, all others are refused with
 * an error of ours.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LuError, ResultError } from '../../src/errors.js';
import { parseAllocatorAnswer } from '../../src/ganeti/allocator/answer.js';
import { type Capture, readLines } from './captures.js';

interface Run {
  readonly label: string;
  readonly exitCode: number;
  readonly stdout: string;
}

const CAPTURES = readLines<Capture>('allocator-captures.jsonl');
const RUNS = readLines<Run>('allocator-runs.jsonl');

test('given the answers of a real cluster, then they are understood', () => {
  const answers = CAPTURES.map(({ label, stdout }) => [label, parseAllocatorAnswer(stdout, 1)]);
  expect(answers).toEqual([
    ['03-iallocator', { success: false, info: 'FailN1: 1' }],
    ['04-sharedfile-noinstall', { success: false, info: 'FailN1: 1' }],
    ['m01-file-hail', { success: true, info: 'chosen', nodes: ['m1.example.com'] }],
    ['m02-diskless-hail', { success: true, info: 'chosen', nodes: ['m2.example.com'] }],
    ['m03-sharedfile-hail', { success: true, info: 'chosen', nodes: ['m3.example.com'] }],
    ['m04-toolarge-hail', { success: true, info: 'chosen', nodes: ['m2.example.com'] }],
    ['m05-memtoolarge-hail', { success: false, info: 'FailMem: 3' }],
  ]);
});

test('given the answers of single runs, then each is understood or refused', () => {
  const read = RUNS.filter(({ exitCode }) => exitCode === 0).map(({ label, stdout }) => {
    try {
      const answer = parseAllocatorAnswer(stdout, label === 'drbd, two nodes' ? 2 : 1);
      return `${label}: ${answer.success ? answer.nodes.join(' ') : 'none'}`;
    } catch (error) {
      return `${label}: ${error instanceof LuError ? error.name : String(error)}`;
    }
  });
  expect(read).toMatchInlineSnapshot(`
    [
      "allocate file: node2.test",
      "allocate on stdin: node2.test",
      "drbd, two nodes: node2.test node1.test",
      "diskless: node2.test",
      "disk template not in policy: none",
      "too much memory: none",
      "violates policy (memory 64): none",
      "violates policy --ignore-soft-errors: none",
      "node2 offline (no runtime keys): none",
      "node1+2 drained: none",
      "restrict-to-nodes: node1.test",
      "no group named: none",
      "group_name default: node2.test",
      "existing instance same name: node2.test",
      "relocate drbd: none",
      "with -p -v: node2.test",
      "multi-allocate: ResultError",
    ]
  `);
});

test.each([
  ['nothing', '', /not JSON/],
  ['words', 'oops', /not JSON; it begins with "oops"/],
  ['a list', '[]', /expected object/],
  ['null', 'null', /expected object/],
  ['no success', '{"info": "", "result": []}', /success/],
  ['no info', '{"success": true, "result": ["a"]}', /info/],
  ['no result', '{"success": true, "info": ""}', /result: is missing/],
  ['success in words', '{"success": "yes", "info": "", "result": ["a"]}', /success: .*boolean/],
  ['a trap', '{"success": true, "info": "", "result": ["a"], "__proto__": 1}', /__proto__/],
  [
    'a trap further in',
    '{"success": true, "info": "", "result": ["a"], "x": {"constructor": 1}}',
    /x\.constructor/,
  ],
  ['a mebibyte', `{"success": true, "info": "${'x'.repeat(1024 * 1024)}"}`, /at most/],
  ['a hundred brackets', `${'['.repeat(100)}${']'.repeat(100)}`, /deeper than/],
])('should be an error of the environment when a program prints %s', (_what, text, message) => {
  expect(() => parseAllocatorAnswer(text, 1)).toThrow(
    expect.objectContaining({
      code: 'environment_error',
      message: expect.stringMatching(message) as string,
    }) as Error,
  );
});

test.each([
  ['{"success": true, "info": "", "result": {"a": 1}}', /result: .*array/],
  ['{"success": true, "info": "", "result": "a"}', /result: .*array/],
  ['{"success": true, "info": "", "result": [1]}', /result: 0: .*string/],
  ['{"success": true, "info": "", "result": [""]}', /result: 0: a node name/],
  ['{"success": true, "info": "", "result": []}', /0 node\(s\), but 1/],
  ['{"success": true, "info": "", "result": ["a", "b"]}', /2 node\(s\), but 1/],
  ['{"success": false, "info": "", "result": null}', /result: .*array/],
])('should be a wrong result when a program prints %s', (text, message) => {
  expect(() => parseAllocatorAnswer(text, 1)).toThrow(ResultError);
  expect(() => parseAllocatorAnswer(text, 1)).toThrow(message);
});

test('should understand the old spelling, and pass over unknown keys', () => {
  const old = '{"success": true, "info": "i", "nodes": ["a", "b"], "more": {"x": 1}}';
  expect(parseAllocatorAnswer(old, 2)).toEqual({ success: true, info: 'i', nodes: ['a', 'b'] });
});

test('should fail in no other way, whatever a program prints', () => {
  const answers = [...CAPTURES.map(({ stdout }) => stdout), '{"success":true,"nodes":["a"]}'];
  const mutated = fc
    .tuple(fc.constantFrom(...answers), fc.nat(), fc.nat({ max: 8 }), fc.string())
    .map(([text, at, cut, put]) => {
      const start = at % text.length;
      return text.slice(0, start) + put + text.slice(start + cut);
    });
  fc.assert(
    fc.property(
      fc.oneof(mutated, fc.json(), fc.string()),
      fc.integer({ min: 1, max: 2 }),
      (text, count) => {
        try {
          const answer = parseAllocatorAnswer(text, count);
          if (answer.success) expect(answer.nodes).toHaveLength(count);
        } catch (error) {
          expect(LuError.is(error), String(error)).toBe(true);
        }
      },
    ),
    { numRuns: 1000 },
  );
  expect(Object.keys(Object.prototype)).toEqual([]);
});
