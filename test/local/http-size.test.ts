/**
 * Sizes by HTTP, asked of a real server on this machine.
 */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { httpSize } from '../../src/local/http-size.js';
import { ManualClock } from '../../src/testing/manual-clock.js';

const NEVER = new AbortController().signal;

/** A server; says where it listens, and what it was asked. */
async function serve(answer: RequestListener): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test('should ask for the size, and fetch nothing', async () => {
  const { url, asked } = await serve((_, response) => {
    response.setHeader('content-length', '5368709120');
    response.end();
  });
  const clock = new ManualClock();
  expect(await httpSize({ clock })(`${url}/image`, NEVER)).toBe(5_368_709_120);
  expect(asked).toEqual(['HEAD /image']);
  expect(clock.timers).toBe(0);
});

test('should follow a server that sends it elsewhere', async () => {
  const { url } = await serve((request, response) => {
    if (request.url === '/old') response.writeHead(302, { location: '/new' });
    else response.setHeader('content-length', '7');
    response.end();
  });
  expect(await httpSize({ clock: new ManualClock() })(`${url}/old`, NEVER)).toBe(7);
});

test.each<[why: string, answer: RequestListener, says: string]>([
  ['has nothing', (_, response) => response.writeHead(404).end(), 'status 404'],
  ['does not know', (_, response) => response.writeHead(200).end(), 'does not tell its size'],
])('should say so when the server %s', async (_, answer, says) => {
  const { url } = await serve(answer);
  await expect(httpSize({ clock: new ManualClock() })(url, NEVER)).rejects.toThrow(says);
});

test('should give up when the server does not answer in time', async () => {
  const clock = new ManualClock();
  const { url } = await serve(() => void clock.advance(30_000));
  await expect(httpSize({ clock })(url, NEVER)).rejects.toThrow("the call's time was up");
});

test('should end with the reason of who gives up', async () => {
  const stop = new AbortController();
  const reason = new Error('enough');
  const { url } = await serve(() => stop.abort(reason));
  await expect(httpSize({ clock: new ManualClock() })(url, stop.signal)).rejects.toBe(reason);
});
