import { Cluster } from '../../../src/cluster/api/client.ts';
import { type ApiServer, sendJson, startApiServer } from '../api-server.ts';

const CONFIGMAP = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one', namespace: 'n' } };
const REVIEW = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: {} };
const CANCELLED = new Error('cancelled by somebody');

let api: ApiServer;
let cluster: Cluster;
let answer: Parameters<typeof startApiServer>[0];
beforeEach(async () => {
  api = await startApiServer((request, response) => answer(request, response));
  cluster = await Cluster.connect({ source: { kind: 'content', text: api.kubeconfig } });
});
afterEach(async () => {
  await cluster.close();
  await api.stop();
});

describe('work that is cancelled', () => {
  it.each([
    ['a read', (until: Cluster) => until.read(CONFIGMAP)],
    ['a question', (until: Cluster) => until.ask(REVIEW)],
  ])('drops %s that gets no answer at once, with the reason', async (_, send) => {
    const cancel = new AbortController();
    answer = () => cancel.abort(CANCELLED);
    const started = performance.now();
    await expect(send(cluster.until(cancel.signal))).rejects.toBe(CANCELLED);
    expect(performance.now() - started).toBeLessThan(1_500);
    expect(api.requests).toHaveLength(1);
  });

  it('awaits the answer to a change that is under way', async () => {
    const cancel = new AbortController();
    answer = (_, response) => {
      cancel.abort(CANCELLED);
      setImmediate(() => sendJson(response, 201, { kind: 'ConfigMap', metadata: { name: 'one', uid: 'made' } }));
    };
    const stored = await cluster.until(cancel.signal).create(CONFIGMAP);
    expect(stored.metadata?.uid).toBe('made');
  });

  it('gives up a change that gets no answer after a moment', async () => {
    const cancel = new AbortController();
    answer = () => cancel.abort(CANCELLED);
    await expect(cluster.until(cancel.signal).create(CONFIGMAP)).rejects.toBe(CANCELLED);
    expect(api.requests).toHaveLength(1);
  });

  it('sends no change, not even again, from the moment on that none may begin; it still reads', async () => {
    const cancel = new AbortController();
    let mayBegin = true;
    const beforeChange = () => {
      if (mayBegin) return;
      cancel.abort(CANCELLED);
      throw CANCELLED;
    };
    answer = ({ method }, response) => {
      mayBegin = method === 'GET';
      sendJson(response, mayBegin ? 200 : 503, mayBegin ? CONFIGMAP : {});
    };
    const until = cluster.until(cancel.signal, beforeChange);
    await until.read(CONFIGMAP);
    await expect(until.create(CONFIGMAP)).rejects.toBe(CANCELLED);
    expect(api.requests.map(({ method }) => method)).toEqual(['GET', 'POST']);
  });

  it('sends nothing any more, and tries nothing again', async () => {
    const cancel = new AbortController();
    answer = (_, response) => {
      cancel.abort(CANCELLED);
      sendJson(response, 503, {});
    };
    const until = cluster.until(cancel.signal);
    await expect(until.create(CONFIGMAP)).rejects.toBe(CANCELLED);
    await expect(until.read(CONFIGMAP)).rejects.toBe(CANCELLED);
    expect(api.requests).toHaveLength(1);
  });

  it('leaves what is not part of it alone', async () => {
    const cancel = new AbortController();
    cancel.abort(CANCELLED);
    cluster.until(cancel.signal);
    answer = (_, response) => sendJson(response, 200, CONFIGMAP);
    expect(await cluster.read(CONFIGMAP)).toEqual(CONFIGMAP);
  });
});
