/**
 * The list of those whose calls a node daemon takes, in the form in which daemons look for it at
 * each connection.
 *
 * F1 The list is replaced as a whole: a daemon finds the former one or the new one.
 * F2 An empty list is not written: to a daemon it means that the cluster's own key may call.
 */
import { X509Certificate } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { refuse } from '../../errors.js';

/**
 * Somebody whose calls a node daemon shall take.
 * @public
 */
export interface AllowedClient {
  /** The UUID of the node that it calls from; any other unique name will do. */
  readonly id: string;
  /** Its certificate, in PEM form. */
  readonly certificate: string;
}

/**
 * What a certificate is recognised by: its SHA-1 digest as `AA:BB:…`. Throws `PrereqError`
 * `wrong_input` if the text holds no certificate.
 * @public
 */
export function certificateFingerprint(certificate: string): string {
  try {
    return new X509Certificate(certificate).fingerprint;
  } catch (error) {
    return refuse.input('There is no certificate in PEM form to take a fingerprint of', {
      cause: error,
    });
  }
}

/**
 * The list as daemons read it: one line `id=fingerprint` each. Throws `PrereqError` `wrong_input`
 * if nobody is on it, if an id is there twice, or cannot stand in such a line.
 * @public
 */
export function formatAllowedClients(clients: readonly AllowedClient[]): string {
  if (clients.length === 0) {
    refuse.input('A list of allowed clients needs one at least: an empty one switches it off');
  }
  const seen = new Set<string>();
  for (const { id } of clients) {
    if (!/^[\w.-]+$/.test(id)) {
      refuse.input(`${JSON.stringify(id)} cannot name a client: use a node's UUID`);
    }
    if (seen.has(id)) refuse.input(`Client ${id} is there twice; give one certificate for each`);
    seen.add(id);
  }
  return clients
    .map(({ id, certificate }) => `${id}=${certificateFingerprint(certificate)}\n`)
    .join('');
}

/**
 * Writes the list to a file, for a node that sees it as
 * `/var/lib/ganeti/ssconf_master_candidates_certs`. Daemons take it from the next call on. Rejects
 * with `PrereqError` `environment_error` if it cannot be written; the former list then stays.
 * @public
 */
export async function writeAllowedClients(
  file: string,
  clients: readonly AllowedClient[],
): Promise<void> {
  const content = formatAllowedClients(clients);
  const fresh = `${file}.${process.pid}.new`;
  try {
    // Readable for all, as the rest of the cluster's facts; a former file may be read-only.
    await rm(fresh, { force: true });
    const handle = await open(fresh, 'wx', 0o444);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(fresh, file);
  } catch (error) {
    await rm(fresh, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    refuse.environment(`The list of allowed clients cannot be written: ${reason}`, {
      cause: error,
    });
  }
}
