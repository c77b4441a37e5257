/**
 * Giving up a connection, at the worst moment: it is closed all the same, and so is its other side.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { Bytes } from '../../../src/local/process/run-fed.js';
import { Connection } from '../../../src/local/transfers/connection.js';

const GOODBYE = Buffer.from('E=word');

/** Both sides of a connection on this machine. */
async function pair(): Promise<{ readonly near: Socket; readonly far: Socket }> {
  const server = createServer({ allowHalfOpen: true });
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [far] = (await once(server, 'connection')) as [Socket];
  if (near.connecting) await once(near, 'connect');
  return { near, far };
}

/** Calls back in the very moment in which the socket was told to end, and has not yet. */
function whenEnding(socket: Socket, then: () => void): void {
  const end = socket.end.bind(socket) as (...given: readonly unknown[]) => Socket;
  socket.end = (...given: readonly unknown[]): Socket => {
    const ending = end(...given);
    then();
    return ending;
  };
}

async function* contents(): Bytes {
  yield Buffer.from('contents');
}

test.each<[string, (connection: Connection) => Promise<void>]>([
  ['ends what it sends', (connection) => connection.send(contents(), GOODBYE)],
  ['says goodbye', (connection) => connection.close(GOODBYE)],
])('given up while it %s, then it is closed, and its other side learns it', async (_, work) => {
  const { near, far } = await pair();
  const closed = Promise.all([once(near, 'close'), once(far, 'close')]);
  far.on('error', () => undefined).resume();
  const connection = new Connection({ socket: near, stream: near });
  whenEnding(near, () => connection.reset());
  far.once('end', () => far.end());
  const worked = work(connection).catch(() => undefined);

  await closed;
  await worked;

  expect([near.destroyed, far.destroyed]).toEqual([true, true]);
  expect(near.errored).toBeNull();
});
