import { Permissions } from '../../../src/cluster/api/access.ts';
import { Cluster } from '../../../src/cluster/api/client.ts';
import { type ApiServer, sendJson, startApiServer } from '../api-server.ts';

const SECRET = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'n' } };
const CHECK = { verb: 'create', group: '', resource: 'secrets', namespace: 'n' };
let api: ApiServer;
let cluster: Cluster;
beforeAll(async () => {
  api = await startApiServer((request, response) => {
    const [, asked] = /\/selfsubject(access|rules)reviews/.exec(request.url ?? '') ?? [];
    const kind =
      asked === undefined ? 'Secret' : asked === 'rules' ? 'SelfSubjectRulesReview' : 'SelfSubjectAccessReview';
    sendJson(response, 200, { kind, metadata: {}, status: { allowed: true } });
  });
  cluster = (await Cluster.connect({ source: { kind: 'content', text: api.kubeconfig } })).readOnly();
});
afterAll(async () => {
  await cluster.close();
  await api.stop();
});
beforeEach(() => {
  api.requests.length = 0;
});

describe('a client that was opened to read', () => {
  it.each([
    ['a POST', () => cluster.create(SECRET)],
    ['a POST that asks something else than what we may do', () => cluster.ask(SECRET)],
    ['a merge patch', () => cluster.patch(SECRET, { data: {} })],
    ['a PUT', () => cluster.replace(SECRET)],
    ['a DELETE', () => cluster.delete(SECRET)],
    ['an apply that the server would store', () => cluster.apply(SECRET, { force: true })],
  ])('throws at %s, and sends nothing', async (_, work) => {
    await expect(work()).rejects.toMatchObject({ code: 'read-only' });
    expect(api.requests).toEqual([]);
  });

  it('reads, asks what it may do, and applies with dryRun=All', async () => {
    await cluster.read(SECRET);
    await new Permissions().require(cluster, [CHECK]);
    await cluster.apply(SECRET, { force: true, isDryRun: true });
    expect(api.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /api/v1/namespaces/n/secrets/s',
      'POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
      'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      'PATCH /api/v1/namespaces/n/secrets/s?fieldManager=launchpad-provision&force=true&dryRun=All',
    ]);
  });
});
