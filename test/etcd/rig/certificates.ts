/** Certificates for a test: an authority, a server on loopback, and a client. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Files, and what is in them. */
export interface Certificates {
  readonly directory: string;
  /** The contents of a file, such as `client.key`. */
  read(file: string): string;
  remove(): void;
}

/** Makes them by openssl; good for a day. */
export function makeCertificates(): Certificates {
  const directory = mkdtempSync(join(tmpdir(), 'logical-units-certs-'));
  const openssl = (words: string): void => {
    execFileSync('openssl', words.split(' '), { cwd: directory, stdio: 'pipe' });
  };
  const key = (name: string): string =>
    `-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ${name}.key`;
  for (const ca of ['ca', 'other-ca']) {
    openssl(`req -x509 ${key(ca)} -out ${ca}.crt -subj /CN=${ca} -days 1`);
  }
  for (const name of ['server', 'client']) {
    writeFileSync(join(directory, `${name}.ext`), EXTENSIONS);
    openssl(`req ${key(name)} -out ${name}.csr -subj /CN=${name}`);
    const signer = '-CA ca.crt -CAkey ca.key -CAcreateserial';
    const extensions = `-extfile ${name}.ext`;
    openssl(`x509 -req -in ${name}.csr ${signer} -out ${name}.crt -days 1 ${extensions}`);
  }
  return {
    directory,
    read: (file) => readFileSync(join(directory, file), 'utf8'),
    remove: () => rmSync(directory, { recursive: true }),
  };
}

const EXTENSIONS = `subjectAltName=IP:127.0.0.1,DNS:etcd.test
extendedKeyUsage=serverAuth,clientAuth
`;
