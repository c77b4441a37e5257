/**
 * Certificates of a cluster that exists in tests only.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type NodeCredentials, parseCredentials } from '../../../src/ganeti/index.js';

/** Where a file of the cluster is. */
export function pkiFile(name: 'client.pem' | 'server.pem'): string {
  return fileURLToPath(new URL(`../../fixtures/ganeti/pki/${name}`, import.meta.url));
}

export const CLIENT = readFileSync(pkiFile('client.pem'), 'utf8');
export const SERVER = readFileSync(pkiFile('server.pem'), 'utf8');

/** The client's credentials. */
export function credentials(): NodeCredentials {
  return parseCredentials({ client: CLIENT, cluster: SERVER });
}
