/**
 * Certificates as a Ganeti cluster has them: the cluster's own, which every node shows, and clients'.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** Most time that one command may take. */
const LIMIT_MS = 30_000;

/** The name that Ganeti gives to its certificates; transfer daemons insist on it. */
const SUBJECT = '/CN=ganeti.example.com';

/** Key and certificate, one after the other, and the certificate alone. */
export interface Pem {
  readonly both: string;
  readonly certificate: string;
}

/** A certificate that signs itself. */
export async function selfSigned(dir: string, name: string): Promise<Pem> {
  await openssl(dir, ['req', '-x509', ...fresh(name), '-days', '30', '-out', `${name}.crt`]);
  return pemOf(dir, name);
}

/** A client's certificate, signed by the cluster's. */
export async function signedBy(dir: string, issuer: string, name: string): Promise<Pem> {
  await openssl(dir, ['req', '-new', ...fresh(name), '-out', `${name}.csr`]);
  const signing = ['-CA', `${issuer}.crt`, '-CAkey', `${issuer}.key`, '-set_serial', '2'];
  const signed = ['-in', `${name}.csr`, '-out', `${name}.crt`, '-days', '30'];
  await openssl(dir, ['x509', '-req', '-sha256', ...signing, ...signed]);
  return pemOf(dir, name);
}

function fresh(name: string): readonly string[] {
  const key = ['-newkey', 'rsa:2048', '-nodes', '-sha256', '-keyout', `${name}.key`];
  return [...key, '-subj', SUBJECT];
}

async function openssl(cwd: string, args: readonly string[]): Promise<void> {
  await exec('openssl', args, { cwd, timeout: LIMIT_MS });
}

async function pemOf(dir: string, name: string): Promise<Pem> {
  const certificate = await readFile(join(dir, `${name}.crt`), 'utf8');
  const key = await readFile(join(dir, `${name}.key`), 'utf8');
  return { both: key + certificate, certificate };
}
