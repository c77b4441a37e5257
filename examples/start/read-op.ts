/**
 * Reads an opcode file: JSON with the operation's name beside its own fields.
 */
import { readFile } from 'node:fs/promises';
import { PrereqError } from 'logical-units';

/** What the file asks for. */
export interface OpFile {
  /** Name of the operation, `OP_INSTANCE_CREATE`. */
  readonly opcode: string;
  /** The operation's own fields, not yet checked. */
  readonly op: Readonly<Record<string, unknown>>;
}

/** Reads and takes apart an opcode file. Throws `PrereqError` that names the file. */
export async function readOp(path: string): Promise<OpFile> {
  const parsed = parse(await read(path), path);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new PrereqError(`${path}: the opcode must be one JSON object`, 'wrong_input');
  }
  const { opcode, ...op } = parsed as Record<string, unknown>;
  if (typeof opcode !== 'string') {
    throw new PrereqError(
      `${path}: the field "opcode" is missing; say which operation`,
      'wrong_input',
    );
  }
  return { opcode, op };
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PrereqError(`Cannot read the opcode file: ${reason}`, 'environment_error', {
      cause: error,
    });
  }
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PrereqError(`${path} is not JSON: ${reason}`, 'wrong_input', { cause: error });
  }
}
