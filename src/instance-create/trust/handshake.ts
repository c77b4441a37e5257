/**
 * How a cluster that sends an instance proves that it knows the secret which both clusters share:
 * it signs the protocol's version and a fixed greeting.
 */
import { refuse } from '../../errors.js';
import { PROTOCOL_VERSION } from '../../transfer/magic.js';
import { isSignatureOf } from './hmac.js';

/** What is signed besides the version (Ganeti's `RIE_HANDSHAKE`). */
const GREETING = "Hi, I'm Ganeti";

/** The text that a handshake's signature is about. */
export function handshakeMessage(version: string | number): string {
  return `${version}:${GREETING}`;
}

/** What is wrong with a handshake; `undefined` if it proves that the secret is the same. */
export function handshakeProblem(
  secret: string,
  handshake: readonly unknown[],
): string | undefined {
  const [version, signature, salt] = handshake;
  if (handshake.length !== 3 || !isVersion(version) || !isText(signature) || !isText(salt)) {
    return 'it is not made of version, signature and salt';
  }
  if (!isSignatureOf(signature, handshakeMessage(version), secret, salt)) {
    return 'its signature is wrong; give both clusters the same domain secret';
  }
  if (version === PROTOCOL_VERSION) return undefined;
  return `it is of version ${version} of the protocol, but this cluster speaks ${PROTOCOL_VERSION}`;
}

/** Throws `PrereqError` `wrong_input` if a handshake is missing or proves nothing. */
export function checkHandshake(secret: string, handshake: readonly unknown[] | undefined): void {
  if (handshake === undefined || handshake.length === 0) {
    refuse.input("The other cluster's handshake is missing; give a sourceHandshake");
  }
  const problem = handshakeProblem(secret, handshake);
  if (problem !== undefined) refuse.input(`The other cluster's handshake is refused: ${problem}`);
}

function isVersion(value: unknown): value is string | number {
  return isText(value) || typeof value === 'number';
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
