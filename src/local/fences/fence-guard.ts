/**
 * Lets commands through whose locks are still their giver's, and no others. A control plane that
 * was cut off or asleep may not know that its locks went to somebody else; the node does, as soon
 * as that somebody has told it anything.
 *
 * G1 A command with an outdated fence is refused, and nothing is done.
 * G2 A token is on the disk before the first command with it begins: it outlives the process.
 * G3 Commands of this process that a newer fence outdates are stopped, and have ended before the
 *    newer command begins. Those of other processes on this machine end by themselves.
 */
import type { LockFence } from '../../ports/fence.js';
import { joinSignals } from '../../ports/joined-signals.js';
import { failed, type Reply } from '../../ports/reply.js';
import { type FencedLock, locksOfFence, SeenFences } from '../../ports/seen-fences.js';
import { inFiles, TokenFiles } from './token-files.js';

/** A command under way. */
interface Running {
  readonly locks: readonly FencedLock[];
  readonly token: number;
  readonly stop: AbortController;
  readonly ended: Promise<unknown>;
}

type Work<T> = (signal: AbortSignal) => Promise<Reply<T>>;

/** The guard of one node. */
export class FenceGuard {
  readonly #files: TokenFiles;
  readonly #running = new Set<Running>();
  #last: Promise<unknown> = Promise.resolve();

  /** `dir`: a directory for the tokens; nothing is touched yet. */
  constructor(dir: string) {
    this.#files = new TokenFiles(dir);
  }

  /** Carries a command out, unless its fence is outdated. `doing` begins a refusal's message. */
  async run<T>(
    {
      fence,
      doing,
      signal,
    }: {
      readonly fence: LockFence;
      readonly doing: string;
      readonly signal: AbortSignal;
    },
    work: Work<T>,
  ): Promise<Reply<T>> {
    const entering = this.#last.then(() => this.#enter(fence, signal, work));
    this.#last = entering.catch(() => undefined);
    const entered = await entering;
    return typeof entered === 'string' ? failed(`${doing}: ${entered}`, 'fenced') : entered.reply;
  }

  /** The work's answer to come, or why the work is refused. */
  async #enter<T>(
    fence: LockFence,
    signal: AbortSignal,
    work: Work<T>,
  ): Promise<string | { readonly reply: Promise<Reply<T>> }> {
    const locks = locksOfFence(fence);
    const refusal = await this.#admit(locks, fence.token);
    if (refusal !== undefined) return refusal;
    await this.#endOutdated(locks, fence.token);
    return { reply: this.#begin(locks, fence.token, signal, work) };
  }

  /** Why the locks are refused; `undefined`: they are not, and their token is written down. */
  async #admit(locks: readonly FencedLock[], token: number): Promise<string | undefined> {
    const named = inFiles(locks);
    const before = await this.#files.read();
    const early = before.seen.outdates(named, token);
    const news = before.seen.news(named, token);
    if (early !== undefined || news.length === 0) return this.#wordsFor(early, locks, named, token);
    await this.#files.write(news, token);
    // Another process may have written a larger one since: then one of us is refused, not none.
    const after = await this.#files.read();
    const late = after.seen.outdates(named, token);
    if (late === undefined) await this.#files.prune(after);
    return this.#wordsFor(late, locks, named, token);
  }

  #wordsFor(
    outdated: ReturnType<SeenFences['outdates']>,
    locks: readonly FencedLock[],
    named: readonly FencedLock[],
    token: number,
  ): string | undefined {
    if (outdated === undefined) return undefined;
    const at = named.findIndex(({ level, name }) => `${level}/${name}` === outdated.lock);
    const { level, name } = locks[at] ?? { level: outdated.lock, name: '' };
    return (
      `the lock ${level}/${name} has gone to somebody else since: the command's token is ` +
      `${token}, ` +
      `and ${outdated.seen} was seen. If the store of the locks was made anew, remove ` +
      `'${this.#files.path}'`
    );
  }

  async #endOutdated(locks: readonly FencedLock[], token: number): Promise<void> {
    const seen = new SeenFences();
    for (const lock of locks) seen.see(lock, token);
    const outdated = [...this.#running].filter((running) => {
      return seen.outdates(running.locks, running.token) !== undefined;
    });
    for (const { stop } of outdated) stop.abort();
    await Promise.all(outdated.map(({ ended }) => ended));
  }

  #begin<T>(
    locks: readonly FencedLock[],
    token: number,
    signal: AbortSignal,
    work: Work<T>,
  ): Promise<Reply<T>> {
    const stop = new AbortController();
    const joined = joinSignals([signal, stop.signal]);
    const reply = work(joined.signal).finally(() => {
      joined.dispose();
      this.#running.delete(running);
    });
    const running = { locks, token, stop, ended: reply.catch(() => undefined) };
    this.#running.add(running);
    return reply;
  }
}
