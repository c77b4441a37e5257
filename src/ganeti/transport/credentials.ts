/**
 * What node daemons know us by: a certificate that is on their list and its key, and the cluster's
 * certificate, by which we know them. In memory, or read from the files that Ganeti keeps.
 *
 * K1 The key is a `Secret` from the moment it is found; no message quotes what a file holds.
 * K2 What cannot work is refused before anything is called: no key, no certificate, not a pair.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { refuse } from '../../errors.js';
import { Secret } from '../../model/secret.js';

/**
 * Credentials for calls to node daemons, all in PEM form.
 * @public
 */
export interface NodeCredentials {
  /** The client's certificate, with others of its chain after it, if there are any. */
  readonly certificate: string;
  /** Its private key, not encrypted. */
  readonly key: Secret<string>;
  /** The certificate that nodes show: the cluster's own. Nothing else is trusted. */
  readonly authority: string;
}

/**
 * Texts that credentials are taken from.
 * @public
 */
export interface CredentialTexts {
  /** Key and certificate of the client (Ganeti's `client.pem`). */
  readonly client: string;
  /** The cluster's certificate; a key beside it (as in Ganeti's `server.pem`) is passed over. */
  readonly cluster: string;
}

/**
 * Files that credentials are read from.
 * @public
 */
export interface CredentialFiles {
  /** Key and certificate of the client; Ganeti's `client.pem` if not given. */
  readonly client?: string;
  /** The cluster's certificate; Ganeti's `server.pem` if not given. */
  readonly cluster?: string;
}

const GANETI_FILES = {
  client: '/var/lib/ganeti/client.pem',
  cluster: '/var/lib/ganeti/server.pem',
} as const;

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]+?-----END \1-----/g;

/**
 * Credentials out of texts in PEM form. Throws `PrereqError` `environment_error` if there is no key
 * or no certificate among them, or if key and certificate are no pair.
 * @public
 */
export function parseCredentials(texts: CredentialTexts): NodeCredentials {
  return credentialsIn(texts, {
    client: "The client's credentials",
    cluster: "The cluster's certificate",
  });
}

/**
 * Credentials out of files. Rejects with `PrereqError` `environment_error` if one cannot be read,
 * or does not hold what it should; the message names the file.
 * @public
 */
export async function readCredentials(files: CredentialFiles = {}): Promise<NodeCredentials> {
  const names = { ...GANETI_FILES, ...files };
  const client = await contentOf(names.client);
  const cluster = names.cluster === names.client ? client : await contentOf(names.cluster);
  return credentialsIn({ client, cluster }, names);
}

async function contentOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    return refuse.environment(
      `Credentials for node daemons cannot be read from ${file} (${reason}); ` +
        'name the files of this cluster, and let this process read them',
      { cause: error },
    );
  }
}

function credentialsIn(
  { client, cluster }: CredentialTexts,
  names: { readonly client: string; readonly cluster: string },
): NodeCredentials {
  const certificates = certificatesIn(client, names.client);
  const key = keyIn(client, names.client);
  if (!new X509Certificate(certificates[0] ?? '').checkPrivateKey(key.object)) {
    refuse.environment(`${names.client}: the key does not belong to the first certificate`);
  }
  return {
    certificate: certificates.join(''),
    key: key.secret,
    authority: certificatesIn(cluster, names.cluster).join(''),
  };
}

/** The certificates of a text, each with a line break at its end; at least one. */
function certificatesIn(text: string, name: string): readonly string[] {
  const found = blocksOf(text, (label) => label === 'CERTIFICATE');
  if (found.length === 0) refuse.environment(`${name}: no certificate in PEM form in it`);
  for (const pem of found) {
    try {
      new X509Certificate(pem);
    } catch (error) {
      refuse.environment(`${name}: a certificate in it is damaged`, { cause: error });
    }
  }
  return found;
}

function keyIn(
  text: string,
  name: string,
): { readonly object: KeyObject; readonly secret: Secret<string> } {
  const [pem] = blocksOf(text, (label) => label.endsWith('PRIVATE KEY'));
  if (pem === undefined) return refuse.environment(`${name}: no private key in PEM form in it`);
  try {
    return { object: createPrivateKey(pem), secret: new Secret(pem) };
  } catch {
    // The cause is left out: it may tell of the key.
    return refuse.environment(
      `${name}: its private key cannot be used; it must be whole, and not encrypted`,
    );
  }
}

function blocksOf(text: string, wanted: (label: string) => boolean): readonly string[] {
  return [...text.matchAll(BLOCK)]
    .filter(([, label = '']) => wanted(label))
    .map(([block]) => `${block}\n`);
}
