import { acquireLease, type LeaseRequest, releaseLease } from '../../../src/cluster/namespace/lease.ts';
import { FakeClock } from '../../fake-clock.ts';
import { type Given, givenCluster } from '../workflows/given.ts';

const REF = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'launchpad-a', namespace: 'school' },
};
const PATH = /\/leases/;

let given: Given;
let clock: FakeClock;
beforeEach(async () => {
  given = await givenCluster();
  clock = new FakeClock();
});
afterEach(async () => await given.stop());

function request(holder: string, options: Partial<LeaseRequest> = {}): LeaseRequest {
  return {
    ...REF.metadata,
    holder,
    description: `https://example.org/${holder}`,
    waitMs: 120_000,
    onWaiting: () => undefined,
    signal: new AbortController().signal,
    clock,
    ...options,
  };
}

const acquire = (holder: string, options?: Partial<LeaseRequest>) =>
  acquireLease(given.cluster, request(holder, options));

interface Stored {
  readonly metadata?: { readonly resourceVersion?: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: { readonly holderIdentity?: string | null };
}

const stored = async () => (await given.cluster.read(REF)) as Stored | undefined;
const holder = async () => (await stored())?.spec?.holderIdentity;

/** Milliseconds between two looks at a Lease of another, and between two renewals. */
const LOOK_MS = 1_000;
const RENEW_MS = 10_000;

/** Waits for the Lease, and for the first look that finds it held. */
async function startWaiting(
  holder: string,
  options?: Partial<LeaseRequest>,
): Promise<{ readonly lease: ReturnType<typeof acquire> }> {
  const looked = clock.slept(LOOK_MS);
  const lease = acquire(holder, options);
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
    const looked = clock.slept(LOOK_MS).then(() => false);
    clock.advance(LOOK_MS);
    if (await Promise.race([looked, ended])) return;
  }
}

/** Moves the clock to the next renewal, and waits until it is over: the next pause begins, or the Lease is lost. */
async function renewal(signal: AbortSignal): Promise<void> {
  const renewed = clock.slept(RENEW_MS);
  const lost = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  clock.advance(RENEW_MS);
  await Promise.race([renewed, lost]);
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
  });

  it('is renewed every 10 s', async () => {
    const lease = await acquire('r1');
    const first = (await stored())?.metadata?.resourceVersion;
    await renewal(lease.signal);
    expect((await stored())?.metadata?.resourceVersion).not.toBe(first);
    await lease.release();
  });

  it('of another run is waited for, and the log says for which', async () => {
    const first = await acquire('r1');
    const lines: string[] = [];
    const second = await startWaiting('r2', { onWaiting: (line) => lines.push(line) });
    await look(2, second.lease);
    expect(lines).toEqual(['Another run works on this instance: waiting for run r1 (https://example.org/r1).']);
    await first.release();
    await look(1, second.lease);
    await (await second.lease).release();
  });

  it('that is not renewed any more is taken over after 30 s', async () => {
    await given.cluster.create({ ...REF, spec: { holderIdentity: 'dead', leaseDurationSeconds: 30 } });
    const second = await startWaiting('r2');
    await look(30, second.lease);
    expect(await holder()).toBe('dead');
    await look(1, second.lease);
    await second.lease;
    expect(await holder()).toBe('r2');
  });

  it('that names nobody is free', async () => {
    await given.cluster.create({ ...REF, spec: { holderIdentity: '' } });
    await acquire('r2');
    expect(await holder()).toBe('r2');
  });

  it('is ours where the answer to its creation was lost', async () => {
    given.proxy.add({ method: 'POST', path: PATH, times: 1, fault: { kind: 'drop', when: 'after' } });
    const lease = await acquire('r1');
    expect(await holder()).toBe('r1');
    await lease.release();
  });

  it('that another run holds to the end of the wait is an error that names it', async () => {
    await acquire('r1');
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
    await acquire('r1');
    const cancelled = new AbortController();
    const second = await startWaiting('r2', { signal: cancelled.signal });
    const refused = expect(second.lease).rejects.toThrow('cancelled');
    cancelled.abort(new Error('cancelled'));
    await refused;
  });

  it('that another run took is lost, and stays that of the other', async () => {
    const lease = await acquire('r1');
    await given.cluster.patch(REF, { spec: { holderIdentity: 'r2' } });
    await renewal(lease.signal);
    expect(lease.signal.reason).toMatchObject({
      code: 'lease-lost',
      message: expect.stringContaining('run r2 holds it now'),
    });
    await lease.release();
    expect(await holder()).toBe('r2');
  });

  it('is kept where a renewal met another write of its own', async () => {
    const lease = await acquire('r1');
    await given.cluster.patch(REF, { metadata: { annotations: { touched: 'yes' } } });
    await renewal(lease.signal);
    expect(lease.signal.aborted).toBe(false);
    await renewal(lease.signal);
    expect(lease.signal.aborted).toBe(false);
    await lease.release();
    expect(await stored()).toBeUndefined();
  });

  it('is left alone by the clean-up of another run, and deleted by that of its own', async () => {
    await acquire('r1');
    await releaseLease(given.cluster, { ...REF.metadata, holder: 'r2' });
    expect(await holder()).toBe('r1');
    await releaseLease(given.cluster, { ...REF.metadata, holder: 'r1' });
    expect(await stored()).toBeUndefined();
    await releaseLease(given.cluster, { ...REF.metadata, holder: 'r1' });
  });
});
