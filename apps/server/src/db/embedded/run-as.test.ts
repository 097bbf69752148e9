import { describe, expect, it } from 'vitest';
import { commandAs, decideRunAs, type RunAsFacts, UNPRIVILEGED } from './run-as.ts';

const open: RunAsFacts = {
  ownUid: 0,
  clusterOwner: null,
  reachesFolder: () => true,
  reachesBinaries: () => true,
  canUseNamespace: () => true,
};
const asNobody = { kind: 'user', ...UNPRIVILEGED };

describe('decideRunAs', () => {
  it.each<[string, Partial<RunAsFacts>, unknown]>([
    ['an ordinary user is itself', { ownUid: 1000 }, { runAs: { kind: 'self' }, copyBinaries: false }],
    [
      'an ordinary user keeps its own cluster',
      { ownUid: 1000, clusterOwner: { uid: 1000, gid: 1000 } },
      { runAs: { kind: 'self' }, copyBinaries: false },
    ],
    [
      "an ordinary user is refused another's cluster",
      { ownUid: 1000, clusterOwner: { uid: 0, gid: 0 } },
      { problem: 'foreign-owner' },
    ],
    [
      'a system without user ids is itself',
      { ownUid: undefined, clusterOwner: { uid: 0, gid: 0 } },
      { runAs: { kind: 'self' }, copyBinaries: false },
    ],
    ['root becomes nobody where everything can be reached', {}, { runAs: asNobody, copyBinaries: false }],
    [
      'root uses a namespace where nobody cannot enter',
      { reachesFolder: () => false },
      { runAs: { kind: 'namespace' }, copyBinaries: false },
    ],
    [
      'root uses a namespace where nobody cannot run the programs',
      { reachesBinaries: () => false },
      { runAs: { kind: 'namespace' }, copyBinaries: false },
    ],
    [
      'without namespaces root copies the programs for nobody',
      { reachesBinaries: () => false, canUseNamespace: () => false },
      { runAs: asNobody, copyBinaries: true },
    ],
    [
      'without namespaces root is refused a folder nobody can enter',
      { reachesFolder: () => false, canUseNamespace: () => false },
      { problem: 'unreachable' },
    ],
    [
      "root keeps to the namespace for a cluster of root's",
      { clusterOwner: { uid: 0, gid: 0 } },
      { runAs: { kind: 'namespace' }, copyBinaries: false },
    ],
    [
      "root is refused root's cluster where namespaces are denied",
      { clusterOwner: { uid: 0, gid: 0 }, canUseNamespace: () => false },
      { problem: 'namespace-denied' },
    ],
    [
      'root becomes the owner of the cluster',
      { clusterOwner: { uid: 1000, gid: 50 } },
      { runAs: { kind: 'user', uid: 1000, gid: 50 }, copyBinaries: false },
    ],
    [
      'root copies the programs for an owner who cannot run them, for whom a namespace is of no use',
      { clusterOwner: UNPRIVILEGED, reachesBinaries: () => false },
      { runAs: asNobody, copyBinaries: true },
    ],
    [
      'root is refused a cluster that its owner cannot enter',
      { clusterOwner: UNPRIVILEGED, reachesFolder: () => false },
      { problem: 'unreachable' },
    ],
  ])('%s', (_, facts, decision) => {
    expect(decideRunAs({ ...open, ...facts })).toEqual(decision);
  });

  it('asks what the owner can reach, not what nobody can', () => {
    const asked: number[] = [];
    const note = ({ uid }: { uid: number }) => asked.push(uid) > 0;
    decideRunAs({ ...open, clusterOwner: { uid: 1000, gid: 50 }, reachesFolder: note, reachesBinaries: note });
    expect(asked).toEqual([1000, 1000]);
  });
});

describe('commandAs', () => {
  it('never works in the folder of the server, which another user may not enter', () => {
    for (const runAs of [{ kind: 'self' }, { kind: 'user', uid: 1, gid: 2 }, { kind: 'namespace' }] as const) {
      expect(commandAs(runAs, '/bin/postgres', ['-D', 'x']).options.cwd).toBe('/');
    }
  });

  it('runs the program itself inside a namespace, without a process in between', () => {
    const { file, args } = commandAs({ kind: 'namespace' }, '/bin/postgres', ['-D', 'x']);
    expect([file, ...args].join(' ')).toBe('unshare --user --map-user=65534 --map-group=65534 /bin/postgres -D x');
  });
});
