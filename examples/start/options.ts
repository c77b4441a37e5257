/**
 * The command line: what the example is asked to do, and how it is used.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { PrereqError } from 'logical-units';

/** One run does one of these. */
export type Action = 'create' | 'plan' | 'export' | 'remove' | 'recover';

/** What to do. */
export interface Options {
  /** The opcode file. */
  readonly opFile: string;
  /** The directory that holds the whole cluster. */
  readonly dir: string;
  readonly action: Action;
  readonly hypervisor: 'auto' | 'fake' | 'kvm';
}

/** How the program is used. */
export const USAGE = `usage: npm start -- [OPFILE] [--dry-run|--export|--remove|--recover] [OPTIONS]

  OPFILE        an opcode as JSON (examples/ops/web1.json)
  --dry-run     show the plan, change nothing
  --export      export the instance that OPFILE creates; examples/ops/import-web1.json imports it
  --remove      remove the instance that OPFILE creates
  --recover     only finish what a run left that was killed; every run begins with that
  --dir DIR     the cluster's directory (var/cluster)
  --hypervisor  fake, kvm (that is QEMU), or auto: kvm if it is installed, else fake`;

/** Reads the command line. Throws `PrereqError` that says what is wrong with it. */
export function readOptions(argv: readonly string[]): Options | 'help' {
  const { values, positionals } = parsed(argv);
  if (values.help === true) return 'help';
  if (positionals.length > 1) {
    throw new PrereqError(`Give one opcode file, not ${positionals.length}`, 'wrong_input');
  }
  return {
    opFile: positionals[0] ?? 'examples/ops/web1.json',
    dir: resolve(values.dir ?? 'var/cluster'),
    action: actionOf(values),
    hypervisor: hypervisorOf(values.hypervisor ?? 'auto'),
  };
}

/** The options that say what to do, and what they say. */
const ACTIONS: Readonly<Record<string, Action>> = {
  'dry-run': 'plan',
  export: 'export',
  remove: 'remove',
  recover: 'recover',
};

function actionOf(values: Readonly<Record<string, unknown>>): Action {
  const given = Object.keys(ACTIONS).filter((name) => values[name] === true);
  if (given.length > 1) {
    const names = given.map((name) => `--${name}`).join(' and ');
    throw new PrereqError(`${names} exclude each other; give one of them`, 'wrong_input');
  }
  return ACTIONS[given[0] ?? ''] ?? 'create';
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        help: { type: 'boolean' },
        'dry-run': { type: 'boolean' },
        export: { type: 'boolean' },
        remove: { type: 'boolean' },
        recover: { type: 'boolean' },
        dir: { type: 'string' },
        hypervisor: { type: 'string' },
      },
    });
  } catch (error) {
    throw new PrereqError(error instanceof Error ? error.message : String(error), 'wrong_input');
  }
}

function hypervisorOf(name: string): Options['hypervisor'] {
  if (name === 'auto' || name === 'fake' || name === 'kvm') return name;
  throw new PrereqError(`--hypervisor is auto, fake or kvm, not '${name}'`, 'wrong_input');
}
