/**
 * Exports, and the daemons that move disks' contents.
 */
import { z } from 'zod';
import type { TransferCommands, TransferQueries, TransferStatus } from '../../ports/transfer.js';
import { answered } from '../../ports/reply.js';
import { optional } from '../export/optional.js';
import { once } from '../wire/check.js';
import type { NodeCaller } from './caller.js';
import { plainInstance, wireInstance } from './encode-instance.js';
import { plainEnd, transferOptions, wireEnd } from './encode-transfer.js';
import { GONE } from './known-failures.js';
import { list, maybe, nothing, text } from './payloads.js';

/** The calls. */
export function transferCalls(caller: NodeCaller): TransferQueries & TransferCommands {
  return {
    ...exportQuestions(caller),
    ...startCalls(caller),
    ...daemonCalls(caller),
    ...certificateCalls(caller),
  };
}

function exportQuestions(caller: NodeCaller): Pick<TransferQueries, 'listExports' | 'exportInfo'> {
  return {
    listExports: (nodes, _request, call) =>
      caller.many(nodes, { procedure: 'export_list', args: {}, reads: exportNames }, call),
    exportInfo: async (node, { path }, call) => {
      const asking = { procedure: 'export_info', args: { path }, reads: text } as const;
      const reply = await caller.one(node, asking, call);
      // Daemons say what is wrong, but not where.
      const isNameless = !reply.ok && reply.failure === 'failed' && !reply.message.includes(path);
      return isNameless ? { ...reply, message: `${path}: ${reply.message}` } : reply;
    },
  };
}

function startCalls(caller: NodeCaller): Pick<TransferCommands, 'startImport' | 'startExport'> {
  const { config } = caller;
  return {
    startImport: (node, { options, runtime, component, into }, call) => {
      const opts = transferOptions(options);
      return caller.one(
        node,
        {
          procedure: 'import_start',
          args: {
            opts,
            instance: plainInstance(runtime),
            component,
            dest: plainEnd(into, runtime),
          },
          wire: (target) => [
            opts,
            wireInstance(runtime, { config, node: target }),
            component,
            wireEnd(into, { config, node: target, runtime }),
          ],
          reads: text,
        },
        call,
      );
    },
    startExport: (node, { options, runtime, component, from, host, port }, call) => {
      const opts = transferOptions(options);
      const instance = plainInstance(runtime);
      const source = plainEnd(from, runtime);
      return caller.one(
        node,
        {
          procedure: 'export_start',
          args: { opts, host, port, instance, component, source },
          wire: (target) => [
            opts,
            host,
            port,
            wireInstance(runtime, { config, node: target }),
            component,
            wireEnd(from, { config, node: target, runtime }),
          ],
          reads: text,
        },
        call,
      );
    },
  };
}

function daemonCalls(
  caller: NodeCaller,
): Pick<TransferQueries & TransferCommands, 'transferStatus' | 'abortTransfer' | 'cleanTransfer'> {
  return {
    transferStatus: (node, { daemons }, call) =>
      caller.one(
        node,
        { procedure: 'impexp_status', args: { names: daemons }, reads: states },
        call,
      ),
    abortTransfer: (node, { daemon: name }, call) =>
      caller.one(node, { procedure: 'impexp_abort', args: { name }, reads: nothing }, call),
    cleanTransfer: (node, { daemon: name }, call) =>
      caller.one(node, { procedure: 'impexp_cleanup', args: { name }, reads: nothing }, call),
  };
}

function certificateCalls(
  caller: NodeCaller,
): Pick<TransferCommands, 'createCertificate' | 'removeCertificate'> {
  return {
    createCertificate: (node, { validityS }, call) =>
      caller.one(
        node,
        { procedure: 'x509_cert_create', args: { validity: validityS }, reads: certificate },
        call,
      ),
    removeCertificate: async (node, { keyName }, call) => {
      const reply = await caller.one(
        node,
        { procedure: 'x509_cert_remove', args: { name: keyName }, reads: nothing },
        call,
      );
      return !reply.ok && GONE.test(reply.message) ? answered(undefined) : reply;
    },
  };
}

/** Names, or a mapping by them. */
const exportNames = once(() =>
  z.union([
    z.array(z.string()),
    z.record(z.string(), z.unknown()).transform((byName) => Object.keys(byName)),
  ]),
);

const state = once(() =>
  z
    .object({
      listen_port: maybe(z.int()),
      connected: maybe(z.boolean()),
      exit_status: maybe(z.int()),
      error_message: maybe(z.string()),
      recent_output: list(z.string()),
      progress_percent: maybe(z.number()),
      progress_mbytes: maybe(z.number()),
      progress_throughput: maybe(z.number()),
      progress_eta: maybe(z.number()),
    })
    .transform(
      (told): TransferStatus => ({
        output: told.recent_output,
        ...optional({
          port: told.listen_port,
          connected: told.connected,
          exitStatus: told.exit_status,
          error: told.error_message,
          percent: told.progress_percent,
          mib: told.progress_mbytes,
          mibPerS: told.progress_throughput,
          etaS: told.progress_eta,
        }),
      }),
    ),
);

const states = once(() => z.array(maybe(state())));

const certificate = once(() =>
  z.tuple([z.string(), z.string()]).transform(([keyName, pem]) => ({ keyName, certificate: pem })),
);
