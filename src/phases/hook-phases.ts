/**
 * Joins an LU's hook spec with the runner: environment, nodes and call-backs of both phases. An LU
 * without hooks costs nothing here.
 */
import type { Host } from '../host.js';
import { hookEnvironment } from '../hooks/env.js';
import { runHooks } from '../hooks/runner.js';
import type { HookEnv, HookPhase, HookReport, HookSpec } from '../hooks/spec.js';
import type { LogicalUnit, Phases } from '../lu-base.js';
import type { NodeId } from '../model/ids.js';
import type { Session } from '../session.js';

/** The two hook phases of one attempt. */
export class HookPhases<P extends Phases> {
  readonly #host: Host;
  readonly #spec: HookSpec<P['plan'], P['result']> | undefined;
  readonly #opName: string;
  readonly #session: Session;
  /** Scripts see the environment of before the work again after it, unchanged (Ganeti's rule). */
  #before: HookEnv = {};

  constructor(host: Host, lu: LogicalUnit<P>, session: Session) {
    this.#host = host;
    this.#spec = lu.hooks;
    this.#opName = lu.name;
    this.#session = session;
  }

  /** Before the work. Throws if a script refuses. */
  async pre(plan: P['plan']): Promise<void> {
    const spec = this.#spec;
    if (spec === undefined) return;
    const { config } = this.#host;
    this.#before = spec.env({ phase: 'pre', plan, config });
    const report = await this.#run(spec, 'pre', spec.nodes(plan, config).pre, undefined);
    spec.onPre?.(report, plan);
  }

  /** After the work; returns the result that the caller gets. */
  async post(plan: P['plan'], result: P['result']): Promise<P['result']> {
    const spec = this.#spec;
    if (spec === undefined) return result;
    const { config } = this.#host;
    const given = spec.nodes(plan, config).post;
    const nodes = spec.postNodes?.(given, plan, result) ?? given;
    const after = spec.env({ phase: 'post', plan, result, config });
    const report = await this.#run(spec, 'post', nodes, after);
    return spec.onPost === undefined ? result : spec.onPost(report, result);
  }

  async #run(
    spec: HookSpec<P['plan'], P['result']>,
    phase: HookPhase,
    nodes: readonly NodeId[],
    after: HookEnv | undefined,
  ): Promise<HookReport> {
    const { config, compatibility, dataDir, locks } = this.#host;
    const fence = this.#session.fence();
    const situation = {
      phase,
      path: spec.path,
      objectType: spec.objectType,
      opName: this.#opName,
      clusterName: config.cluster.name,
      masterName: config.node(config.cluster.masterNode).name,
      dataDir,
    };
    const report = await runHooks(this.#host.hooks, compatibility.hooks, {
      path: spec.path,
      phase,
      nodes: nodes.filter((node, at) => nodes.indexOf(node) === at && this.#isAsked(node)),
      env: hookEnvironment(situation, this.#before, after),
      // After the work nothing can be cancelled any more: scripts learn what is true.
      signal: phase === 'pre' ? this.#session.signal : (locks.lost ?? new AbortController().signal),
      ...(fence === undefined ? {} : { fence }),
      nameOf: (node) => config.node(node).name,
    });
    this.#tell(phase, report);
    return report;
  }

  #isAsked(node: NodeId): boolean {
    const { config, hooks } = this.#host;
    return hooks.seesOffline === true || !config.node(node).offline;
  }

  #tell(phase: HookPhase, report: HookReport): void {
    for (const row of report) {
      const { node, script, status, output } = row;
      this.#session.report.emit({ type: 'hook', phase, ...row });
      const who =
        script === '' ? `${phase} hooks on ${node}` : `${phase} hook ${script} on ${node}`;
      const text = `${who}: ${output === '' ? status : output}`;
      if (status === 'ok' || status === 'skipped') this.#session.report.info(text);
      else this.#session.report.warn(text);
    }
  }
}
