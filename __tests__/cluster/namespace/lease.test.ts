import { type HeldLease, releaseLease } from '../../../src/cluster/namespace/held-lease.ts';
import { acquireLease, type LeaseRequest } from '../../../src/cluster/namespace/lease.ts';
import { leaseStore } from '../../../src/cluster/namespace/lease-store.ts';
import type { LeaseObject } from '../../../src/cluster/objects/namespace-objects.ts';
import { FakeClock } from '../../fake-clock.ts';
import { type Given, givenCluster } from '../workflows/given.ts';
import { LeaseServer, Machine, type Passage, Timeline } from './lease-world.ts';

const NAME = { name: 'launchpad-a', namespace: 'school' };
const REF = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: NAME };
const PATH = /\/leases/;
/** Milliseconds between two looks at the clocks, and at a Lease of another. */
const TICK_MS = 1_000;

let given: Given;
let clock: FakeClock;
let warnings: string[];
beforeEach(async () => {
  given = await givenCluster();
  clock = new FakeClock();
  warnings = [];
});
afterEach(async () => await given.stop());

const onWarning = (line: string) => warnings.push(line);
const store = () => leaseStore(given.cluster, NAME);
const acquire = (holder: string, options: Partial<LeaseRequest> = {}) =>
  acquireLease(store(), {
    holder,
    description: `https://example.org/${holder}`,
    waitMs: 120_000,
    onWaiting: () => undefined,
    onWarning,
    signal: new AbortController().signal,
    clock,
    ...options,
  });

const stored = async () => await given.cluster.read<LeaseObject>(REF);
const holder = async () => (await stored())?.spec?.holderIdentity;
const version = async () => (await stored())?.metadata?.resourceVersion;
/** What a run that died left. */
const somebodys = async (spec: LeaseObject['spec']) =>
  await given.cluster.create({ ...REF, spec: { holderIdentity: 'dead', ...spec } });

/** Waits for what the network brings, as long as the test may last. */
async function eventually(what: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await what())) await new Promise((resolve) => setImmediate(resolve));
}

/** Lets the time pass for a holder, tick by tick, until it is over or the Lease is lost. */
async function pass(ms: number, { signal }: HeldLease): Promise<void> {
  const lost = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  for (let passed = 0; passed < ms && !signal.aborted; passed += TICK_MS) {
    const ticked = clock.slept(TICK_MS);
    clock.advance(TICK_MS);
    await Promise.race([ticked, lost]);
  }
}

/** A request to the API server that never gets an answer. @returns how often that happened */
function hang(method: string, when: 'before' | 'after', times: number): () => number {
  let hung = 0;
  const work = async () => {
    hung += 1;
    await new Promise<void>(() => undefined);
  };
  given.proxy.add({ method, path: PATH, times, fault: { kind: 'call', when, work } });
  return () => hung;
}

/** Waits for the Lease of another: until the first look finds it held, or the wait has ended. */
async function startWaiting(run: string, options?: Partial<LeaseRequest>) {
  const looked = clock.slept(TICK_MS);
  const lease = acquire(run, options);
  await Promise.race([looked, lease.catch(() => undefined)]);
  return { lease };
}

/** Moves the clock from look to look, until the Lease is ours or the wait has ended. */
async function look(times: number, lease: Promise<unknown>): Promise<void> {
  const ended = lease.then(
    () => true,
    () => true,
  );
  for (let looks = 0; looks < times; looks += 1) {
    const looked = clock.slept(TICK_MS).then(() => false);
    clock.advance(TICK_MS);
    if (await Promise.race([looked, ended])) return;
  }
}

describe('a Lease', () => {
  it('is created for the run, which others can read, and deleted by its release', async () => {
    const lease = await acquire('r1');
    expect(await stored()).toMatchObject({
      metadata: { annotations: { 'launchpad-provision/run-url': 'https://example.org/r1' } },
      spec: { holderIdentity: 'r1', leaseDurationSeconds: 30 },
    });
    await lease.release();
    expect(await stored()).toBeUndefined();
    expect(lease.signal.aborted).toBe(false);
    expect(warnings).toEqual([]);
  });

  it('that is not renewed any more is taken over after 30 s', async () => {
    await somebodys({ leaseDurationSeconds: 30 });
    const second = await startWaiting('r2');
    await look(30, second.lease);
    expect(await holder()).toBe('dead');
    await look(1, second.lease);
    await second.lease;
    expect(await holder()).toBe('r2');
  });

  it.each([
    [5, 'less'],
    [60, 'more'],
  ])('that another program holds for %d s is respected so long, though it is %s than ours', async (seconds) => {
    await somebodys({ leaseDurationSeconds: seconds });
    const second = await startWaiting('r2');
    await look(seconds, second.lease);
    expect(await holder()).toBe('dead');
    await look(1, second.lease);
    await second.lease;
    expect(await holder()).toBe('r2');
  });

  it('that names nobody is free', async () => {
    await somebodys({ holderIdentity: '' });
    await acquire('r2');
    expect(await holder()).toBe('r2');
  });

  it('of another run is waited for, and the log says for which', async () => {
    const first = await acquire('r1', { clock: new FakeClock() });
    const lines: string[] = [];
    const second = await startWaiting('r2', { onWaiting: (line) => lines.push(line) });
    await look(2, second.lease);
    expect(lines).toEqual(['Another run works on this instance: waiting for run r1 (https://example.org/r1).']);
    await first.release();
    await look(1, second.lease);
    await (await second.lease).release();
  });

  it('that another run holds to the end of the wait is an error that names it', async () => {
    await acquire('r1', { clock: new FakeClock() });
    const second = await startWaiting('r2', { waitMs: 3_000 });
    const refused = expect(second.lease).rejects.toMatchObject({
      code: 'lease-held',
      message: expect.stringContaining('Run r1 still works on this instance after 3 s'),
      remedy: expect.stringContaining('https://example.org/r1'),
    });
    await look(5, second.lease);
    await refused;
  });

  it('ends the wait with the reason of the signal', async () => {
    await acquire('r1', { clock: new FakeClock() });
    const cancelled = new AbortController();
    const second = await startWaiting('r2', { signal: cancelled.signal });
    const refused = expect(second.lease).rejects.toThrow('cancelled');
    cancelled.abort(new Error('cancelled'));
    await refused;
    expect(await holder()).toBe('r1');
  });

  it('is ours where the answer to its creation was lost, and is renewed before it is relied on', async () => {
    given.proxy.add({ method: 'POST', path: PATH, times: 1, fault: { kind: 'drop', when: 'after' } });
    const lease = await acquire('r1');
    expect(await holder()).toBe('r1');
    expect(given.proxy.requests.filter(({ method }) => method === 'PUT')).toHaveLength(1);
    await lease.release();
  });

  it.each([10_000, 60_000])('whose creation was answered after %d ms is renewed before it is relied on', async (ms) => {
    const work = () => clock.advance(ms);
    given.proxy.add({ method: 'POST', path: PATH, times: 1, fault: { kind: 'call', when: 'after', work } });
    const lease = await acquire('r1');
    expect(given.proxy.requests.filter(({ method }) => method === 'PUT')).toHaveLength(1);
    lease.check();
    await lease.release();
  });

  it('counts from the sending of its creation, not from its answer', async () => {
    const work = () => clock.advance(9_000);
    given.proxy.add({ method: 'POST', path: PATH, times: 1, fault: { kind: 'call', when: 'after', work } });
    const lease = await acquire('r1');
    clock.advance(15_999);
    lease.check();
    clock.advance(1);
    expect(() => lease.check()).toThrow('could not be renewed');
  });

  it('is taken back where the run was cancelled before it got the answer', async () => {
    const cancelled = new AbortController();
    const hung = hang('POST', 'after', 1);
    const refused = expect(acquire('r1', { signal: cancelled.signal })).rejects.toThrow('cancelled');
    await eventually(() => hung() === 1);
    cancelled.abort(new Error('cancelled'));
    await refused;
    expect(await stored()).toBeUndefined();
  });
});

describe('a Lease that is held', () => {
  it('is renewed every 10 s', async () => {
    const lease = await acquire('r1');
    const first = await version();
    await pass(9_000, lease);
    expect(await version()).toBe(first);
    await pass(1_000, lease);
    await eventually(async () => (await version()) !== first);
    await lease.release();
  });

  it('is lost where another run took it, and stays that of the other', async () => {
    const lease = await acquire('r1');
    const annotations = { 'launchpad-provision/run-url': 'https://example.org/r2' };
    await given.cluster.patch(REF, { metadata: { annotations }, spec: { holderIdentity: 'r2' } });
    await pass(10_000, lease);
    await eventually(() => lease.signal.aborted);
    expect(lease.signal.reason).toMatchObject({
      code: 'lease-lost',
      message: expect.stringContaining('run r2 has it now'),
      remedy: expect.stringContaining('Look at run r2 (https://example.org/r2)'),
    });
    expect(() => lease.check()).toThrow('run r2 has it now');
    await lease.release();
    expect(await holder()).toBe('r2');
    expect(warnings).toEqual([]);
  });

  it('is given up where somebody deleted it, and not created again', async () => {
    const lease = await acquire('r1');
    await given.cluster.delete(REF);
    await pass(10_000, lease);
    await eventually(() => lease.signal.aborted);
    expect(lease.signal.reason).toMatchObject({
      code: 'lease-not-renewed',
      message: 'Lease launchpad-a in namespace school was deleted or cleared while the run needed it.',
    });
    await lease.release();
    expect(await stored()).toBeUndefined();
  });

  it('is kept where a renewal met another write of its own', async () => {
    const lease = await acquire('r1');
    await given.cluster.patch(REF, { metadata: { annotations: { touched: 'yes' } } });
    const touched = await version();
    await pass(10_000, lease);
    await eventually(async () => (await version()) !== touched);
    expect(lease.signal.aborted).toBe(false);
    await lease.release();
    expect(await stored()).toBeUndefined();
  });

  it.each(['before', 'after'] as const)(
    'is kept where one renewal hangs, %s the API server has done it: it is read again, and renewed',
    async (when) => {
      const lease = await acquire('r1');
      const hung = hang('PUT', when, 1);
      await pass(10_000, lease);
      await eventually(() => hung() === 1);
      const before = await version();
      // Half of the 15 s that are left is for the one that hangs; the next one begins at the next tick.
      await pass(9_000, lease);
      await eventually(async () => (await version()) !== before);
      await pass(9_000, lease);
      expect(lease.signal.aborted).toBe(false);
      await lease.release();
      expect(await stored()).toBeUndefined();
    },
  );

  it('that cannot be renewed is given up 25 s after the last renewal was sent, and is not left behind', async () => {
    const lease = await acquire('r1');
    given.proxy.add({ path: PATH, fault: { kind: 'answer', status: 403 } });
    await pass(24_000, lease);
    lease.check();
    await pass(1_000, lease);
    expect(lease.signal.reason).toMatchObject({
      code: 'lease-not-renewed',
      message: expect.stringContaining('Lease launchpad-a in namespace school could not be renewed for 25 s: '),
      remedy: expect.stringContaining('deletes its workflows and temporary Secrets as soon as the API server answers'),
    });
    given.proxy.clear();
    await lease.release();
    expect(await stored()).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  it('names why it could not be renewed, though the last attempts only ran out of time', async () => {
    const timeline = new Timeline();
    const machine = new Machine(timeline, { pauses: [], steps: [] });
    const fates: Passage['fate'][] = ['passes', 'reset-before'];
    const slow = new LeaseServer(timeline).storeFor(machine, () => {
      return { thereMs: 5, backMs: 5, fate: fates.shift() ?? 'hangs-before' };
    });
    const request = { holder: 'r1', description: '', waitMs: 0, onWaiting: onWarning, onWarning, clock: machine };
    const acquired = acquireLease(slow, { ...request, signal: new AbortController().signal });
    await timeline.runUntil(30_000);
    expect((await acquired).signal.reason).toMatchObject({
      message: 'Lease launchpad-a in namespace argocd could not be renewed for 25 s: connection reset.',
    });
  });

  it('counts from the sending of a renewal, not from its answer', async () => {
    const lease = await acquire('r1');
    const first = await version();
    // The attempt has 7.5 s.
    const work = () => clock.advance(7_000);
    given.proxy.add({ method: 'PUT', path: PATH, times: 1, fault: { kind: 'call', when: 'after', work } });
    await pass(10_000, lease);
    await eventually(async () => (await version()) !== first);
    await eventually(() => clock.monotonicMs() === 17_000);
    given.proxy.add({ path: PATH, fault: { kind: 'answer', status: 403 } });
    await eventually(() => given.proxy.requests.findLast(({ method }) => method === 'PUT')?.status === 200);
    clock.advance(18_000);
    expect(() => lease.check()).toThrow('could not be renewed');
  });

  it('allows nothing from the moment on that a clock shows 25 s, before any timer has run', async () => {
    const lease = await acquire('r1');
    clock.stepWall(24_999);
    lease.check();
    clock.stepWall(1);
    expect(() => lease.check()).toThrow('could not be renewed');
    expect(lease.signal.reason).toMatchObject({ code: 'lease-not-renewed' });
  });

  it('says so where the machine stood still, or its clock was set forward', async () => {
    const lease = await acquire('r1');
    clock.stepWall(3_600_000);
    await pass(1_000, lease);
    expect(lease.signal.reason).toMatchObject({
      code: 'lease-not-renewed',
      message: expect.stringContaining('the machine was suspended, or its clock was set forward, for 3601 s.'),
      remedy: expect.stringMatching(/^Run again\./),
    });
  });

  it('is relied on no longer where the clock is set back', async () => {
    const lease = await acquire('r1');
    clock.stepWall(-3_600_000);
    given.proxy.add({ path: PATH, fault: { kind: 'answer', status: 403 } });
    await pass(25_000, lease);
    expect(lease.signal.reason).toMatchObject({ code: 'lease-not-renewed' });
  });

  it('allows nothing any more after its release', async () => {
    const lease = await acquire('r1');
    await lease.release();
    expect(() => lease.check()).toThrow('The Lease was released.');
  });
});

describe('the release of a Lease', () => {
  it('deletes it by one request, if nobody changed it', async () => {
    const lease = await acquire('r1');
    const first = given.proxy.requests.length;
    await lease.release();
    expect(await stored()).toBeUndefined();
    const sent = given.proxy.requests.slice(first).filter(({ path }) => PATH.test(path));
    expect(sent.map(({ method }) => method)).toContain('DELETE');
    expect(sent.findIndex(({ method }) => method === 'DELETE')).toBe(0);
  });

  it('deletes it, though it changed in that moment', async () => {
    const lease = await acquire('r1');
    const work = async () => {
      await given.cluster.patch(REF, { metadata: { annotations: { touched: String(await version()) } } });
    };
    await work();
    given.proxy.add({ method: 'GET', path: PATH, times: 2, fault: { kind: 'call', when: 'after', work } });
    await lease.release();
    expect(await stored()).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  it.each(['GET', 'DELETE'])('warns where %s is refused, and throws nothing', async (method) => {
    const lease = await acquire('r1');
    // It is read only if it is not as the run left it.
    await given.cluster.patch(REF, { metadata: { annotations: { touched: 'yes' } } });
    given.proxy.add({ method, path: PATH, fault: { kind: 'answer', status: 403 } });
    await lease.release();
    given.proxy.clear();
    expect(warnings).toEqual([
      expect.stringMatching(
        /^Lease launchpad-a in namespace school could not be deleted: .* expires by itself after 30 s/,
      ),
    ]);
    expect(await holder()).toBe('r1');
  });

  it('warns where it changes all the time', async () => {
    const lease = await acquire('r1');
    const work = async () => {
      await given.cluster.patch(REF, { metadata: { annotations: { touched: String(await version()) } } });
    };
    given.proxy.add({ method: 'DELETE', path: PATH, fault: { kind: 'call', when: 'before', work } });
    await lease.release();
    expect(warnings).toEqual([expect.stringContaining('it changes all the time. It expires')]);
  });

  it('does not wait for a renewal that hangs', async () => {
    const lease = await acquire('r1');
    const hung = hang('PUT', 'before', 1);
    await pass(10_000, lease);
    await eventually(() => hung() === 1);
    await lease.release();
    expect(await stored()).toBeUndefined();
  });

  it('is left alone by the clean-up of another run, and deleted by that of its own', async () => {
    await acquire('r1');
    await releaseLease(store(), { holder: 'r2', onWarning });
    expect(await holder()).toBe('r1');
    await releaseLease(store(), { holder: 'r1', onWarning });
    expect(await stored()).toBeUndefined();
    await releaseLease(store(), { holder: 'r1', onWarning });
    expect(warnings).toEqual([]);
  });
});
