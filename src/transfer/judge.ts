/**
 * What the states of daemons mean: who has found the other side, who has ended, who has had time
 * enough. Pure; one round of `loop.ts`.
 */
import type { TransferStatus } from '../ports/transfer.js';
import { POLL_MS, type TransferLimits } from './limits.js';
import {
  callsFor,
  type Daemon,
  fail,
  isActive,
  type LoopState,
  type News,
  replaced,
  type Statuses,
  type Turn,
  withoutName,
} from './loop.js';

/** When it is judged, and by which limits. */
interface Hour {
  readonly nowMs: number;
  readonly limits: TransferLimits;
}

/** What follows from the daemons' states; the round ends. */
export function judge(
  state: LoopState,
  statuses: Statuses,
  nowMs: number,
  limits: TransferLimits,
): Turn {
  let turn: Turn = { state, calls: [], news: [] };
  let delayMs: number = POLL_MS.idle;
  for (const before of state.daemons) {
    const { transfer, side } = before;
    const now = turn.state.daemons.find((d) => d.transfer === transfer && d.side === side);
    if (now?.name === undefined || !isActive(now)) continue;
    const known = statuses.get(now.node);
    const status = known?.get(now.name);
    // Who has ended by now had not been told anything that was decided in this round.
    const daemon = status?.exitStatus === undefined ? now : toldAs(before, now);
    const hour = { nowMs, limits };
    const next =
      known === undefined
        ? silent(turn.state, daemon, hour)
        : heard(turn.state, daemon, status, hour);
    delayMs = Math.min(delayMs, next.delayMs ?? POLL_MS.idle);
    turn = after(turn, next);
  }
  return turn.state.daemons.some(isActive) ? { ...turn, delayMs } : turn;
}

function toldAs({ toldToStop }: Daemon, { toldToStop: _, ...daemon }: Daemon): Daemon {
  return toldToStop === undefined ? daemon : { ...daemon, toldToStop };
}

/** The daemon's node has told its state, if it has one. */
function heard(
  state: LoopState,
  { silentMs: _, ...daemon }: Daemon,
  status: TransferStatus | undefined,
  hour: Hour,
): Turn {
  const next = replaced(state, daemon, daemon);
  if (status === undefined) return notReady(next, daemon, hour);
  const { exitStatus } = status;
  if (exitStatus === undefined) return alive(next, daemon, status, hour);
  return exited(next, daemon, { ...status, exitStatus });
}

function silent(state: LoopState, daemon: Daemon, { nowMs, limits }: Hour): Turn {
  const silentMs = daemon.silentMs ?? nowMs;
  if (isLate(silentMs, limits.errorMs, nowMs)) {
    const message = `its node has not told its state for ${seconds(limits.errorMs)}`;
    return fail(state, daemon, message, 'first');
  }
  const next = replaced(state, daemon, { ...daemon, silentMs });
  return { state: next, calls: [], news: [], delayMs: POLL_MS.starting };
}

function notReady(state: LoopState, daemon: Daemon, { nowMs, limits }: Hour): Turn {
  if (isLate(daemon.startedMs, limits.readyMs, nowMs)) {
    return fail(state, daemon, `it has no state after ${seconds(limits.readyMs)}`, 'first');
  }
  return { state, calls: [], news: [], delayMs: POLL_MS.starting };
}

/** An exit is told before it is cleaned up, so that the partner hears of it first. */
function exited(
  state: LoopState,
  daemon: Daemon,
  status: TransferStatus & { readonly exitStatus: number },
): Turn {
  const { exitStatus, error } = status;
  if (exitStatus !== 0) {
    const message = error ?? `it ended with status ${exitStatus}`;
    const { brokenOff } = status;
    const failed = brokenOff === undefined ? daemon : { ...daemon, brokenOff };
    return fail(state, failed, message, 'last', status);
  }
  const done = { ...withoutName(daemon), outcome: { ok: true } as const };
  return {
    state: replaced(state, daemon, done),
    calls: callsFor('clean', daemon),
    news: [{ kind: 'finished', daemon: done }],
  };
}

function alive(state: LoopState, daemon: Daemon, status: TransferStatus, hour: Hour): Turn {
  const told = withProgress(daemon, status, hour);
  const next: Turn = { state: replaced(state, daemon, told.daemon), calls: [], news: told.news };
  const steps = daemon.side === 'receive' ? listening : connecting;
  return after(next, steps(next.state, told.daemon, status, hour));
}

function listening(state: LoopState, daemon: Daemon, status: TransferStatus, hour: Hour): Turn {
  const { nowMs, limits } = hour;
  if (daemon.port !== undefined) return connecting(state, daemon, status, hour);
  if (status.port !== undefined) {
    const { port } = status;
    const ready = { ...daemon, port, listeningMs: nowMs };
    const next: Turn = {
      state: withSender(replaced(state, daemon, ready), ready),
      calls: [],
      news: [{ kind: 'listening', daemon: ready, port }],
    };
    return after(next, connecting(next.state, ready, status, hour));
  }
  if (isLate(daemon.startedMs, limits.listenMs, nowMs)) {
    const message = `it does not listen after ${seconds(limits.listenMs)}`;
    return fail(state, daemon, message, 'first', status);
  }
  return { state, calls: [], news: [], delayMs: POLL_MS.connecting };
}

function connecting(
  state: LoopState,
  daemon: Daemon,
  status: TransferStatus,
  { nowMs, limits }: Hour,
): Turn {
  const working: Turn = { state, calls: [], news: [], delayMs: POLL_MS.working };
  if (daemon.connected === true) return working;
  if (status.connected === true) {
    const found = { ...daemon, connected: true as const };
    const news: readonly News[] = [{ kind: 'connected', daemon: found }];
    return { ...working, state: replaced(state, daemon, found), news };
  }
  const sinceMs = daemon.side === 'receive' ? daemon.listeningMs : daemon.startedMs;
  if (isLate(sinceMs, limits.connectMs, nowMs)) {
    const message = `nobody has connected after ${seconds(limits.connectMs)}`;
    return fail(state, daemon, message, 'first', status);
  }
  return { ...working, delayMs: POLL_MS.connecting };
}

function withProgress(
  daemon: Daemon,
  status: TransferStatus,
  { nowMs, limits }: Hour,
): { daemon: Daemon; news: readonly News[] } {
  const { progressMs } = daemon;
  const { mib, mibPerS } = status;
  const isDue = progressMs === undefined || isLate(progressMs, limits.progressMs, nowMs);
  if (!isDue || mib === undefined || mibPerS === undefined) return { daemon, news: [] };
  const told = { ...daemon, progressMs: nowMs };
  return {
    daemon: told,
    news: [{ kind: 'progress', daemon: told, progress: { ...status, mib, mibPerS } }],
  };
}

/** The other side of a transfer within this cluster comes into being; see P1 of `loop.ts`. */
function withSender(
  state: LoopState,
  { transfer, port }: Daemon & { readonly port: number },
): LoopState {
  const node = state.senders[transfer];
  if (node === undefined) return state;
  const sender: Daemon = { transfer, side: 'send', node, port };
  return { ...state, waiting: [...state.waiting, sender] };
}

/** Two turns, one after the other; how long to wait is up to the second. */
function after(first: Turn, second: Turn): Turn {
  return {
    ...second,
    calls: [...first.calls, ...second.calls],
    news: [...first.news, ...second.news],
  };
}

function isLate(sinceMs: number | undefined, limitMs: number, nowMs: number): boolean {
  return sinceMs !== undefined && nowMs > sinceMs + limitMs;
}

function seconds(ms: number): string {
  return `${ms / 1000} seconds`;
}
