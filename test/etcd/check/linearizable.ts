/**
 * Whether a history of operations could have come from an object that does one after the other: the
 * search of Wing and Gong, with Lowe's memory of what was tried before.
 *
 * An operation whose outcome is unknown may have had its effect at any time after its beginning, or
 * never; it has no end in the history.
 */

/** An object's behaviour, told one operation at a time. */
export interface Model<State, Op> {
  readonly initial: State;
  /** The state after the operation; `undefined` if its result cannot come from this state. */
  apply(state: State, op: Op): State | undefined;
  /** Equal for equal states, and for no others. */
  nameOf(state: State): string;
}

/** An operation with its place in time; any clock will do on which all agree. */
export interface Timed<Op> {
  readonly op: Op;
  /** When it began. */
  readonly begin: number;
  /** When its result was there; `undefined` if its outcome is unknown. */
  readonly end: number | undefined;
}

/** True if the operations can be put in an order that their times and results allow. */
export function isLinearizable<State, Op>(
  model: Model<State, Op>,
  history: readonly Timed<Op>[],
): boolean {
  return new Search(model, history).run();
}

/** A beginning or an end; a list of them is what is still to be ordered. */
interface Mark {
  readonly index: number;
  readonly time: number;
  /** The operation's end, in the mark of its beginning. */
  partner: Mark | undefined;
  readonly isBegin: boolean;
  before: Mark | undefined;
  after: Mark | undefined;
}

class Search<State, Op> {
  readonly #model: Model<State, Op>;
  readonly #history: readonly Timed<Op>[];
  readonly #head: Mark;
  readonly #tried = new Set<string>();
  #done = 0n;
  #state: State;

  constructor(model: Model<State, Op>, history: readonly Timed<Op>[]) {
    this.#model = model;
    this.#history = history;
    this.#state = model.initial;
    this.#head = listOf(history);
  }

  run(): boolean {
    const trail: { readonly mark: Mark; readonly state: State }[] = [];
    let mark = this.#head.after;
    while (mark !== undefined) {
      if (mark.isBegin) {
        const before = this.#state;
        if (this.#take(mark)) {
          trail.push({ mark, state: before });
          mark = this.#head.after;
        } else {
          mark = mark.after;
        }
        continue;
      }
      // Something has ended that is not in the order yet: what was put there last was wrong.
      const last = trail.pop();
      if (last === undefined) return false;
      this.#state = last.state;
      this.#done ^= 1n << BigInt(last.mark.index);
      putBack(last.mark);
      mark = last.mark.after;
    }
    // Nothing is left but beginnings without an end.
    return true;
  }

  /** Puts the operation next in the order, unless that is impossible or was tried. */
  #take(mark: Mark): boolean {
    const op = this.#history[mark.index]?.op;
    const after = op === undefined ? undefined : this.#model.apply(this.#state, op);
    if (after === undefined) return false;
    const done = this.#done | (1n << BigInt(mark.index));
    const name = `${done.toString(36)} ${this.#model.nameOf(after)}`;
    if (this.#tried.has(name)) return false;
    this.#tried.add(name);
    this.#done = done;
    this.#state = after;
    takeOut(mark);
    return true;
  }
}

function listOf(history: readonly Timed<unknown>[]): Mark {
  const marks = history.flatMap(({ begin, end }, index): Mark[] => {
    const rest = { before: undefined, after: undefined };
    const last: Mark | undefined =
      end === undefined
        ? undefined
        : { index, time: end, isBegin: false, partner: undefined, ...rest };
    const first = { index, time: begin, isBegin: true, partner: last, ...rest };
    return last === undefined ? [first] : [first, last];
  });
  // At the same moment nothing comes before anything: beginnings go first.
  marks.sort((a, b) => a.time - b.time || Number(b.isBegin) - Number(a.isBegin));
  const head: Mark = {
    index: -1,
    time: -1,
    isBegin: true,
    partner: undefined,
    before: undefined,
    after: undefined,
  };
  let last = head;
  for (const mark of marks) {
    last.after = mark;
    mark.before = last;
    last = mark;
  }
  return head;
}

function takeOut(mark: Mark): void {
  for (const one of [mark, mark.partner]) {
    if (one?.before !== undefined) one.before.after = one.after;
    if (one?.after !== undefined) one.after.before = one.before;
  }
}

/** The other way round, so that neighbours find each other again. */
function putBack(mark: Mark): void {
  for (const one of [mark.partner, mark]) {
    if (one?.before !== undefined) one.before.after = one;
    if (one?.after !== undefined) one.after.before = one;
  }
}
