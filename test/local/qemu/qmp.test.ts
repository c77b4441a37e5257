/** The machine protocol against a server that says what a test wants. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { QmpConnection, type QmpEvent } from '../../../src/local/qemu/qmp.js';
import { systemClock } from '../../../src/local/system-clock.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';

const clock = systemClock();
const GREETING = { QMP: { version: {}, capabilities: [] } };

interface Command {
  readonly execute: string;
  readonly id: number;
}
type Script = (command: Command, say: (message: object | string) => void, socket: Socket) => void;

const polite: Script = ({ id }, say) => say({ return: {}, id });

test('should match answers to commands by number, whatever comes in between', async () => {
  const held: Command[] = [];
  await using server = await serve((command, say) => {
    if (command.execute === 'qmp_capabilities') say({ return: {}, id: command.id });
    if (command.execute === 'qmp_capabilities') return;
    held.push(command);
    if (held.length < 2) return;
    say({ event: 'STOP', data: { why: 'test' } });
    for (const { execute, id } of held.reverse()) say({ return: execute, id });
  });
  const events: QmpEvent[] = [];
  const qmp = await QmpConnection.open({
    ...server,
    clock,
    onEvent: (event) => events.push(event),
  });

  const answers = await Promise.all([qmp.execute('first'), qmp.execute('second')]);

  expect(answers).toEqual(['first', 'second']);
  expect(events).toEqual([{ name: 'STOP', data: { why: 'test' } }]);
  await qmp.close();
  await qmp.close();
});

test('given a refusal, then the reason is in the error', async () => {
  await using server = await serve((command, say) => {
    if (command.execute === 'qmp_capabilities') say({ return: {}, id: command.id });
    else say({ error: { class: 'GenericError', desc: 'not while migrating' }, id: command.id });
  });
  const qmp = await QmpConnection.open({ ...server, clock });

  await expect(qmp.execute('cont')).rejects.toThrow('not while migrating');
  await qmp.close();
});

const ENDINGS: readonly (readonly [string, Script, RegExp])[] = [
  ['hangs up', (_command, _say, socket) => socket.destroy(), /closed the control connection/],
  ['babbles', (_command, say) => say('HTTP/1.1 400 Bad Request'), /does not speak QMP/],
];

test.each(ENDINGS)(
  'given a server that %s, then the command fails at once',
  async (_name, ending, reason) => {
    await using server = await serve((command, say, socket) => {
      if (command.execute === 'qmp_capabilities') polite(command, say, socket);
      else ending(command, say, socket);
    });
    const qmp = await QmpConnection.open({ ...server, clock });

    await expect(qmp.execute('cont')).rejects.toThrow(reason);
    await expect(qmp.execute('cont')).rejects.toThrow(reason);
    await qmp.close();
  },
);

test('given a silent server, when time is up or the caller gives up, then nothing is left', async () => {
  const manual = new ManualClock();
  const heard = deferred();
  await using server = await serve((command, say, socket) => {
    if (command.execute === 'qmp_capabilities') polite(command, say, socket);
    else heard.resolve();
  });
  const qmp = await QmpConnection.open({ ...server, clock: manual });
  const caller = new AbortController();

  const slow = qmp.execute('cont', {}, { timeoutMs: 50 }).catch(String);
  const left = qmp.execute('cont', {}, caller).catch(String);
  await heard.promise;
  await manual.advance(50);
  caller.abort();

  expect(await slow).toMatch(/time was up/);
  expect(await left).toMatch(/cancelled/);
  expect(manual.timers).toBe(0);
  await qmp.close();
});

test('given a server that does not greet, when time is up, then the connection is given up', async () => {
  const manual = new ManualClock();
  await using server = await serve(polite, '');
  const connected = server.connected;

  const opening = QmpConnection.open({ ...server, clock: manual, timeoutMs: 50 }).catch(String);
  await connected;
  await manual.advance(50);

  expect(await opening).toMatch(/time was up/);
});

test('given no server, then opening fails with the system code', async () => {
  const opening = QmpConnection.open({ path: join(tmpdir(), 'no-such-socket'), clock });

  await expect(opening).rejects.toMatchObject({ code: 'ENOENT' });
});

interface TestServer extends AsyncDisposable {
  readonly path: string;
  readonly connected: Promise<void>;
}

async function serve(script: Script, greeting = JSON.stringify(GREETING)): Promise<TestServer> {
  const dir = await mkdtemp(join(tmpdir(), 'lu-qmp-'));
  const path = join(dir, 'qmp');
  const connected = deferred();
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    connected.resolve();
    socket.on('error', () => undefined);
    // In two pieces, as a line may well arrive.
    socket.write(greeting.slice(0, 5));
    socket.write(greeting === '' ? '' : `${greeting.slice(5)}\r\n`);
    socket.on('data', (chunk) => {
      const lines = chunk.toString().trim().split('\n');
      for (const line of lines) script(JSON.parse(line) as Command, sayer(socket), socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    path,
    connected: connected.promise,
    [Symbol.asyncDispose]: async () => {
      await close(server, sockets);
      await rm(dir, { recursive: true });
    },
  };
}

function sayer(socket: Socket): (message: object | string) => void {
  return (message) => {
    socket.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\r\n`);
  };
}

async function close(server: Server, sockets: readonly Socket[]): Promise<void> {
  for (const socket of sockets) socket.destroy();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

function deferred(): { readonly promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve: () => resolve() };
}
