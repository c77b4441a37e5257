/**
 * What the children do: write to a store as fast as they can, or fill it until the disk is full. Each acknowledged step is one line on standard output, written at once.
 */
import { writeSync } from 'node:fs';

const [module, role, path] = process.argv.slice(2);
const { openLmdb } = await import(module);
const say = (line) => writeSync(1, `${line}\n`);
const put = (key, value) => ({ op: 'put', key, value });

const roles = {
  /** Transactions of several keys, several at a time, on and on. */
  async write() {
    const store = await openLmdb({ path });
    let next = Number((await store.get('last'))?.value ?? 0) + 1;
    const step = async (n) => {
      const text = JSON.stringify({ n, filling: 'x'.repeat((n * 37) % 3000) });
      const old = { op: 'delete', key: `old/${n - 5}` };
      const ops = [put(`left/${n}`, text), put('last', String(n)), put(`right/${n}`, text)];
      await store.txn([], [...ops, put(`old/${n}`, text), old]);
      say(n);
    };
    for (;;) {
      await Promise.all([0, 1, 2].map((offset) => step(next + offset)));
      next += 3;
    }
  },

  /** Grows until the disk refuses, and then says what is left to be had. */
  async fill() {
    const store = await openLmdb({ path });
    await store.txn([], [put('kept', 'from before')]);
    process.on('unhandledRejection', (error) => say(`unhandled ${error}`));
    let written = 0;
    try {
      for (; written < 1000; written++) {
        const text = 'x'.repeat(50_000);
        await store.txn([], [put(`big/${written}`, text), put('written', String(written))]);
      }
    } catch (error) {
      say(`${error.name} ${error.code}`);
    }
    await store.txn([], [{ op: 'delete', key: 'big/0' }]);
    say(`${written} ${(await store.get('written'))?.value} ${(await store.get('kept'))?.value}`);
    await store.close();
    say('closed');
  },
};

await roles[role]();
