/**
 * What happened in many runs, so that it can be seen that something did.
 */
import type { Outcome } from './simulation.js';

export class Tally {
  readonly faults = new Map<string, number>();
  readonly outcomes = new Map<string, number>();
  readonly counts = new Map<string, number>();
  readonly kinds = new Map<string, number>();
  runs = 0;

  add({ faults, mishaps, counts, endings, events, tookMs }: Outcome): void {
    this.runs++;
    for (const [fault, number] of faults) more(this.faults, fault, number);
    for (const { outcome, job } of endings) {
      more(this.outcomes, outcome, 1);
      if (outcome === 'result') more(this.kinds, job.kind, 1);
    }
    const all = { ...counts, ...mishaps, events, 'simulated seconds': Math.round(tookMs / 1000) };
    for (const [name, number] of Object.entries(all)) more(this.counts, name, number);
  }

  /** Which part of all jobs succeeded. */
  get success(): number {
    const all = [...this.outcomes.values()].reduce((sum, number) => sum + number, 0);
    return (this.outcomes.get('result') ?? 0) / Math.max(1, all);
  }

  lines(): readonly string[] {
    return [
      `faults: ${words(this.faults)}`,
      `jobs: ${words(this.outcomes)}`,
      `succeeded: ${words(this.kinds)}`,
      `what happened: ${words(this.counts)}`,
    ];
  }
}

function more(numbers: Map<string, number>, name: string, number: number): void {
  numbers.set(name, (numbers.get(name) ?? 0) + number);
}

function words(numbers: ReadonlyMap<string, number>): string {
  return [...numbers].map(([name, number]) => `${number} ${name}`).join(', ');
}
