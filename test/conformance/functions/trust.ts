/**
 * Trust between clusters.
 */
import {
  handshakeMessage,
  handshakeProblem,
} from '../../../src/instance-create/trust/handshake.js';
import { sign } from '../../../src/instance-create/trust/hmac.js';
import { remoteDisk } from '../../../src/instance-create/trust/transfer-secrets.js';
import { transferMagic } from '../../../src/transfer/magic.js';
import type { FunctionTable } from './types.js';

/** The functions. */
export const TABLE: FunctionTable = {
  HandshakeMessage: (args) => handshakeMessage(args.get('version')),
  Sha1Hmac: (args) => sign(args.get('text'), args.get('key'), args.maybe('salt')),
  CheckRemoteExportHandshake: (args) => {
    const given = args.maybe<readonly unknown[]>('handshake');
    return handshakeProblem(args.get('cds'), Array.isArray(given) ? given : []);
  },
  GetInstDiskMagic: (args) =>
    transferMagic(args.get('base'), args.get('instance_name'), args.get('index')),
  ComputeRemoteImportDiskInfo: (args) => {
    const place = {
      host: args.get<string>('host'),
      port: args.get<number>('port'),
      magic: args.get<string>('magic'),
    };
    const { host, port, magic, signature, salt } = remoteDisk(
      place,
      args.get('disk_index'),
      args.get('cds'),
      args.get('salt'),
    );
    return [host, port, magic, signature, salt];
  },
};
