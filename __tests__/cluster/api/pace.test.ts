import { Cluster } from '../../../src/cluster/api/client.ts';
import { Pace } from '../../../src/cluster/api/pace.ts';
import { FakeClock } from '../../fake-clock.ts';
import { sendJson, startApiServer } from '../api-server.ts';

const LEASE = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'one', namespace: 'argocd' } };
const { signal } = new AbortController();

it('lets 100 requests go at once, and 50 a second after them', async () => {
  const clock = new FakeClock({ isAutomatic: true });
  const pace = new Pace(clock);
  const sentAt = async (count: number) => {
    await Promise.all(Array.from({ length: count }, () => pace.turn(signal)));
    return clock.monotonicMs();
  };
  const start = clock.monotonicMs();
  expect((await sentAt(100)) - start).toBe(0);
  expect((await sentAt(50)) - start).toBeGreaterThanOrEqual(1_000);
  expect((await sentAt(50)) - start).toBeGreaterThanOrEqual(1_990);
  await clock.sleep(60_000);
  const later = clock.monotonicMs();
  expect((await sentAt(100)) - later).toBe(0);
});

it('ends the wait with the reason of its signal', async () => {
  const pace = new Pace(new FakeClock());
  pace.pause(10_000);
  await expect(pace.turn(AbortSignal.abort(new Error('cancelled')))).rejects.toThrow('cancelled');
});

describe('a server that asks one request to wait', () => {
  it('gets no other one either until then, but the renewal of a Lease', async () => {
    const clock = new FakeClock({ isAutomatic: true });
    const arrived: [string, number][] = [];
    const start = clock.monotonicMs();
    const api = await startApiServer(({ method = '', url = '' }, response) => {
      arrived.push([`${method} ${url.split('/').at(-1)}`, Math.floor((clock.monotonicMs() - start) / 1000)]);
      const isFirst = arrived.length === 1;
      if (isFirst) response.setHeader('retry-after', '20');
      sendJson(response, isFirst ? 429 : 200, { ...LEASE, ...(isFirst ? { kind: 'Status', code: 429 } : {}) });
    });
    const cluster = await Cluster.connect({ source: { kind: 'content', text: api.kubeconfig } }, { clock });
    const other = cluster.until(new AbortController().signal);
    try {
      const refused = cluster.read(LEASE);
      while (arrived.length === 0) await new Promise((resolve) => setImmediate(resolve));
      await Promise.all([
        refused,
        other.replace(LEASE),
        other.read({ ...LEASE, metadata: { name: 'two', namespace: 'argocd' } }),
      ]);
      expect(arrived.length).toBe(4);
      expect(
        arrived
          .filter(([what]) => what.startsWith('GET'))
          .slice(1)
          .every(([, seconds]) => seconds >= 20),
      ).toBe(true);
    } finally {
      await cluster.close();
      await api.stop();
    }
  });
});
