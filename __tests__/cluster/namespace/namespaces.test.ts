import { Namespaces } from '../../../src/cluster/namespace/namespaces.ts';
import { INSTANCE_LABEL } from '../../../src/cluster/objects/names.ts';
import { FakeClock } from '../../fake-clock.ts';
import { type Given, givenCluster } from '../workflows/given.ts';

let clock: FakeClock;
let given: Given;
let namespaces: Namespaces;
beforeEach(async () => {
  clock = new FakeClock();
  given = await givenCluster(clock);
  namespaces = new Namespaces(given.cluster);
  for (const name of ['alpha', 'beta']) await create(name);
});
afterEach(async () => await given.stop());

const create = (name: string) =>
  given.cluster.create({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { [INSTANCE_LABEL]: name } },
  });
const asked = () => given.proxy.requests.filter(({ method }) => method === 'GET').map(({ path }) => path);

describe('the namespaces', () => {
  it('are listed once for the instances of a run, and again when the list is old', async () => {
    const found = await Promise.all([namespaces.recent('alpha'), namespaces.recent('beta')]);
    expect(found.map(({ own }) => own?.metadata?.name)).toEqual(['alpha', 'beta']);
    expect(found[0]?.instances).toEqual(['alpha', 'beta']);
    expect(asked()).toEqual(['/api/v1/namespaces']);
    await create('gamma');
    clock.advance(10_000);
    expect((await namespaces.recent('alpha')).instances).toEqual(['alpha', 'beta']);
    clock.advance(1);
    expect((await namespaces.recent('alpha')).instances).toEqual(['alpha', 'beta', 'gamma']);
    expect(asked()).toHaveLength(2);
  });

  it('have one without our label among them, if it has the name of the instance', async () => {
    const { own, instances } = await namespaces.recent('school');
    expect([own?.metadata?.name, instances]).toEqual(['school', ['alpha', 'beta']]);
    expect((await namespaces.recent('none')).own).toBeUndefined();
  });

  it('are listed anew for what a run decides under its Lease, which others then know too', async () => {
    await namespaces.recent('alpha');
    await create('gamma');
    await given.cluster.delete({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'alpha' } });
    const { own, instances } = await namespaces.current(given.cluster.until(new AbortController().signal), 'alpha');
    expect([own?.metadata?.deletionTimestamp, instances]).toEqual([expect.any(String), ['alpha', 'beta', 'gamma']]);
    expect((await namespaces.recent('beta')).instances).toEqual(['alpha', 'beta', 'gamma']);
    expect(asked()).toHaveLength(2);
  });

  it('are unknown but for its own where they may not be listed, and asked for again after an error', async () => {
    given.proxy.add({ path: /namespaces\?/, times: 1, fault: { kind: 'answer', status: 400 } });
    await expect(namespaces.recent('alpha')).rejects.toMatchObject({ status: 400 });
    given.server.access.deny(({ verb, resource }) => verb === 'list' && resource === 'namespaces');
    const { own, instances } = await namespaces.recent('alpha');
    expect([own?.metadata?.name, instances]).toEqual(['alpha', undefined]);
  });
});
