import fc from 'fast-check';
import { expect, test } from 'vitest';
import { requestBody } from '../../../src/ganeti/transport/request-body.js';
import type { JsonValue } from '../../../src/ganeti/wire/json.js';

test('a body is ASCII, and says the same', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue({ stringUnit: 'binary' })), (args) => {
      const body = requestBody(args as JsonValue[]);
      expect(body).toMatch(/^[\0-\x7e]*$/);
      expect(JSON.parse(body)).toEqual(JSON.parse(JSON.stringify(args)));
    }),
  );
});

test('what is beyond ASCII is escaped, in halves where it has two', () => {
  expect(requestBody(['ä\u{1f600}\u2028\x7f'])).toBe('["\\u00e4\\ud83d\\ude00\\u2028\\u007f"]');
});
