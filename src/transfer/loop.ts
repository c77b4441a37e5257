/**
 * The life of the daemons that carry disks' contents, as a pure state machine: states and answers
 * in, a new state and the calls that follow out. No promise, no time but what it is told.
 *
 * P1 A daemon is receiving or sending; each transfer has one that receives. One that sends from
 *    this cluster comes into being once the receiver listens, and is started in the next round.
 * P2 A daemon ends once: its outcome is never taken back. Who fails takes its partner along.
 * P3 Every daemon that has a name is cleaned up. The name goes with the call; it comes back if that
 *    has failed, and whoever ends the loop tries again.
 *
 * What daemons' states mean is in `judge.ts`.
 */
import type { NodeId } from '../model/ids.js';
import type { TransferStatus } from '../ports/transfer.js';

/** What a daemon does. */
export type Side = 'receive' | 'send';

/** One daemon. Times are those of the caller's clock, milliseconds. */
export interface Daemon {
  /** Position of its transfer in the list of transfers. */
  readonly transfer: number;
  readonly side: Side;
  readonly node: NodeId;
  /** Given by the node when it was started; gone again once it is cleaned up. */
  readonly name?: string;
  readonly startedMs?: number;
  readonly listeningMs?: number;
  readonly connected?: true;
  /** Port that the receiving side listens on; the sending one connects to it. */
  readonly port?: number;
  /** Since when its node has not told its state. */
  readonly silentMs?: number;
  readonly progressMs?: number;
  /** Its partner has failed, and so it was told to stop: what it says of that is no reason. */
  readonly toldToStop?: true;
  /** It failed because its partner did: what it says of that is a reason if nobody has a better. */
  readonly brokenOff?: true;
  readonly outcome?: Outcome;
}

/** How a daemon ended: well, or why it failed. */
export type Outcome = { readonly ok: true } | { readonly ok: false; readonly message: string };

/** All daemons, in the order in which they came into being. */
export interface LoopState {
  readonly daemons: readonly Daemon[];
  /** Came into being in this round; their turn is the next one. */
  readonly waiting: readonly Daemon[];
  /** Where each transfer's data come from; absent: from another cluster, which sends on its own. */
  readonly senders: readonly (NodeId | undefined)[];
}

/** What is to be done about a daemon, by the name that it has or had. */
export interface Call {
  readonly kind: 'abort' | 'clean';
  readonly daemon: Daemon;
  readonly name: string;
}

/** What onlookers are told of a daemon. */
export type News = { readonly daemon: Daemon } & (
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'connected' | 'finished' }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'failed'; readonly message: string; readonly output: readonly string[] }
);

/** How far a daemon has come; what else it knows of that is told as well. */
export type Progress = Pick<TransferStatus, 'percent' | 'etaS'> &
  Required<Pick<TransferStatus, 'mib' | 'mibPerS'>>;

/** A new state, and what follows from it, in this order. */
export interface Turn {
  readonly state: LoopState;
  readonly calls: readonly Call[];
  readonly news: readonly News[];
  /** How long to wait for the next round; absent: there is none. */
  readonly delayMs?: number;
}

/** A node's answer about its daemons, by name; `undefined`: it gave none. */
export type Statuses = ReadonlyMap<
  NodeId,
  ReadonlyMap<string, TransferStatus | undefined> | undefined
>;

/** What a transfer needs to be set off. */
export interface Route {
  readonly to: NodeId;
  /** Absent: from another cluster. */
  readonly from?: NodeId;
}

/** All receiving sides, none of them started. */
export function newLoop(routes: readonly Route[]): LoopState {
  return {
    daemons: [],
    waiting: routes.map(({ to }, transfer) => ({ transfer, side: 'receive', node: to })),
    senders: routes.map(({ from }) => from),
  };
}

/** A round begins: who came into being in the former one takes part. */
export function beginRound({ daemons, waiting, senders }: LoopState): LoopState {
  return { daemons: [...daemons, ...waiting], waiting: [], senders };
}

/** Who is to be started, in order. */
export function toStart({ daemons }: LoopState): readonly Daemon[] {
  return daemons.filter((daemon) => isActive(daemon) && daemon.name === undefined);
}

/** A daemon runs. */
export function started(state: LoopState, daemon: Daemon, name: string, nowMs: number): LoopState {
  return replaced(state, daemon, { ...daemon, name, startedMs: nowMs });
}

/** A daemon could not be started. */
export function notStarted(state: LoopState, daemon: Daemon, message: string): Turn {
  return fail(state, daemon, message);
}

/** Whose state is to be asked, node by node. */
export function toAsk({ daemons }: LoopState): ReadonlyMap<NodeId, readonly string[]> {
  const asked = new Map<NodeId, string[]>();
  for (const daemon of daemons) {
    if (!isActive(daemon) || daemon.name === undefined) continue;
    asked.set(daemon.node, [...(asked.get(daemon.node) ?? []), daemon.name]);
  }
  return asked;
}

/** A call to clean a daemon up has failed: it has its name still (P3). */
export function kept(state: LoopState, { daemon, name }: Call): LoopState {
  return changed(state, daemon, (now) => ({ ...now, name }));
}

/** Who still has to be cleaned up, whatever has happened. */
export function toClean({ daemons }: LoopState): readonly Call[] {
  return daemons.flatMap((daemon) => callsFor('clean', daemon));
}

/** How each transfer ended: well if all of its daemons did, else as the one that knows why not. */
export function outcomes({ daemons, senders }: LoopState): readonly Outcome[] {
  return senders.map((_, transfer) => {
    const own = daemons.filter((daemon) => daemon.transfer === transfer);
    const flawed = own.filter(({ outcome }) => outcome?.ok !== true);
    const bad = flawed.toSorted((a, b) => hearsay(a) - hearsay(b))[0];
    if (own.length > 0 && bad === undefined) return { ok: true } as const;
    return bad?.outcome ?? { ok: false, message: 'it did not come to an end' };
  });
}

/** How far a daemon is from knowing why a transfer has failed. */
function hearsay({ toldToStop, brokenOff }: Daemon): number {
  if (toldToStop === true) return 2;
  return brokenOff === true ? 1 : 0;
}

/** Whether a daemon has not ended yet. */
export function isActive({ outcome }: Daemon): boolean {
  return outcome === undefined;
}

/**
 * A daemon has failed, and takes its partner along (P2). `first`: it is cleaned up before its
 * partner is told, else after.
 */
export function fail(
  state: LoopState,
  daemon: Daemon,
  message: string,
  cleanUp: 'first' | 'last' = 'last',
  status?: TransferStatus,
): Turn {
  const outcome: Outcome = { ok: false, message };
  const failed = { ...withoutName(daemon), outcome };
  const partner = state.daemons.find(
    ({ transfer, side }) => transfer === daemon.transfer && side !== daemon.side,
  );
  const own = callsFor('clean', daemon);
  const abort = partner === undefined ? [] : callsFor('abort', partner);
  const alone = replaced(withoutUnborn(state, daemon), daemon, failed);
  return {
    state: partner === undefined || !isActive(partner) ? alone : told(alone, partner),
    calls: cleanUp === 'first' ? [...own, ...abort] : [...abort, ...own],
    news: [{ kind: 'failed', daemon: failed, message, output: status?.output ?? [] }],
  };
}

function told(state: LoopState, partner: Daemon): LoopState {
  return replaced(state, partner, { ...partner, toldToStop: true });
}

/** A call about a daemon, if it has a name. */
export function callsFor(kind: Call['kind'], daemon: Daemon): readonly Call[] {
  return daemon.name === undefined ? [] : [{ kind, daemon, name: daemon.name }];
}

/** A daemon that is cleaned up. */
export function withoutName({ name: _, ...others }: Daemon): Daemon {
  return others;
}

/** The state with another version of a daemon. */
export function replaced(state: LoopState, daemon: Daemon, by: Daemon): LoopState {
  return changed(state, daemon, () => by);
}

function changed(
  state: LoopState,
  { transfer, side }: Daemon,
  change: (now: Daemon) => Daemon,
): LoopState {
  const daemons = state.daemons.map((daemon) =>
    daemon.transfer === transfer && daemon.side === side ? change(daemon) : daemon,
  );
  return { ...state, daemons };
}

/** Nobody sends to a receiver that has failed. */
function withoutUnborn(state: LoopState, { transfer }: Daemon): LoopState {
  return { ...state, waiting: state.waiting.filter((daemon) => daemon.transfer !== transfer) };
}
