/**
 * The journal's records: `journal/<id>` is an operation's header, `journal/<id>/<seq>` one undo
 * entry. Keys of entries sort in the order in which the entries were written down.
 */
import { z } from 'zod';
import { ProgrammerError } from '../errors.js';
import type { UndoEntry } from '../ports/journal.js';
import { corruptRecord, parseRecord } from '../ports/kv-record.js';
import type { KvOp } from '../ports/kv-store.js';

/** All keys of the journal begin with this. */
export const JOURNAL_PREFIX = 'journal/';

/** What is known of an operation as a whole. */
export interface JournalHeader {
  /** Form of the records. */
  readonly form: 1;
  /** Name of the operation: `OP_INSTANCE_CREATE`. */
  readonly op: string;
  /** What it is about, in words. */
  readonly what: string;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  /** `leaked`: it was unwound, and entries are left that could not be carried out. */
  readonly state: 'open' | 'leaked';
}

/** An entry and where it is kept. */
export interface StoredEntry {
  readonly key: string;
  readonly entry: UndoEntry;
}

const DIGITS = 8;

/** The key of an operation's header. */
export function headerKey(id: string): string {
  if (!/^[\w.:-]{1,128}$/.test(id)) {
    throw new ProgrammerError(`'${id}' cannot be the id of an operation; use a UUID or a number`);
  }
  return JOURNAL_PREFIX + id;
}

/** The key of an operation's entry. */
export function entryKey(id: string, seq: number): string {
  return `${headerKey(id)}/${String(seq).padStart(DIGITS, '0')}`;
}

/** The operation that a key of the journal belongs to, and whether the key is its header's. */
export function parseJournalKey(key: string): { id: string; isHeader: boolean } {
  const [id = '', ...rest] = key.slice(JOURNAL_PREFIX.length).split('/');
  return { id, isHeader: rest.length === 0 };
}

/** Writes a record. */
export function putRecord(key: string, record: JournalHeader | UndoEntry): KvOp {
  return { op: 'put', key, value: JSON.stringify(record) };
}

/** Reads a header. Throws `ConfigError` `corrupt`. */
export function readHeader(key: string, text: string): JournalHeader {
  return read(headerSchema(), key, text);
}

/** Reads an entry. Throws `ConfigError` `corrupt`. */
export function readEntry(key: string, text: string): UndoEntry {
  return read(entrySchema(), key, text);
}

function read<T>(schema: z.ZodType<T>, key: string, text: string): T {
  const parsed = schema.safeParse(parseRecord(key, text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw corruptRecord(key, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unusable'}`);
}

// Schemas are made for each reading: recovery reads few records, and most processes none.
function headerSchema(): z.ZodType<JournalHeader> {
  return z.strictObject({
    form: z.literal(1),
    op: z.string(),
    what: z.string(),
    startedAtMs: z.number(),
    state: z.enum(['open', 'leaked']),
  });
}

function entrySchema(): z.ZodType<UndoEntry> {
  return z.strictObject({
    what: z.string(),
    action: z.string(),
    args: z.record(z.string(), z.json()),
  });
}
