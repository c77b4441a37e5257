/**
 * The promises of the allocator port, kept by `ProgramAllocator` with a small program that speaks
 * the protocol. (The real one refuses combinations that the contract asks for, such as two nodes
 * for disks without mirrors.)
 */
import { test } from 'vitest';
import { ProgramAllocator, type RunProgram } from '../../src/ganeti/allocator/program-allocator.js';
import { allocatorContract } from '../../src/testing/contracts/allocator.js';

interface Message {
  readonly nodegroups: Readonly<Record<string, { readonly name: string }>>;
  readonly nodes: Readonly<
    Record<string, { readonly group: string; readonly free_memory: number }>
  >;
  readonly request: {
    readonly required_nodes: number;
    readonly group_name: string | null;
    readonly 'restrict-to-nodes'?: readonly string[];
    readonly memory: number;
  };
}

/** Takes the first group that has enough nodes with enough memory. */
const firstFit: RunProgram = (_name, json) => {
  const { nodegroups, nodes, request } = JSON.parse(json) as Message;
  const { required_nodes: count, group_name: wanted, 'restrict-to-nodes': only } = request;
  const fitting = Object.entries(nodes).filter(
    ([name, node]) => node.free_memory >= request.memory && only?.includes(name) !== false,
  );
  const choices = Object.entries(nodegroups)
    .filter(([, { name }]) => wanted === null || wanted === name)
    .map(([id]) => fitting.filter(([, { group }]) => group === id).map(([name]) => name));
  const found = choices.find(({ length }) => length >= count)?.slice(0, count);
  const answer = {
    success: found !== undefined,
    info: found === undefined ? 'no group has room' : 'first fit',
    result: found ?? [],
  };
  return Promise.resolve({ exitCode: 0, stdout: `${JSON.stringify(answer)}\n`, stderr: '' });
};

allocatorContract({
  test,
  make: () =>
    Promise.resolve({
      allocator: new ProgramAllocator('first-fit', firstFit),
      dispose: () => Promise.resolve(),
    }),
});
