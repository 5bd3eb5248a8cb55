import { type AccessCheck, Permissions } from '../../../src/cluster/api/access.ts';
import { Cluster } from '../../../src/cluster/api/client.ts';
import { requiredAccess } from '../../../src/cluster/api/required-access.ts';
import { type ApiServer, sendJson, startApiServer } from '../api-server.ts';

type Attributes = AccessCheck;
let api: ApiServer;
let cluster: Cluster;
let reviews: Attributes[] = [];
let allows: (attributes: Attributes) => boolean = () => true;
let status = 200;
let kind = '';
/** Answer to a question for all rules; undefined where there is none. */
let rules: object | undefined;
beforeAll(async () => {
  api = await startApiServer(
    (_, response) => {
      if (kind === 'SelfSubjectReview') {
        sendJson(response, 200, {
          kind,
          metadata: {},
          status: { userInfo: { username: 'system:serviceaccount:ci:runner' } },
        });
        return;
      }
      if (kind === 'SelfSubjectRulesReview') {
        sendJson(response, rules === undefined ? 404 : 201, { kind, metadata: {}, status: rules });
        return;
      }
      const asked = reviews.at(-1);
      const allowed = asked !== undefined && allows(asked);
      sendJson(response, status, { kind: 'SelfSubjectAccessReview', metadata: {}, status: { allowed } });
    },
    (body) => {
      const question = JSON.parse(body);
      kind = question.kind;
      if (kind === 'SelfSubjectAccessReview') reviews.push(question.spec.resourceAttributes);
    },
  );
  cluster = await Cluster.connect({ source: { kind: 'content', text: api.kubeconfig } });
});
afterAll(async () => {
  await cluster.close();
  await api.stop();
});
beforeEach(() => {
  reviews = [];
  allows = () => true;
  status = 200;
  rules = undefined;
});

const checksOf = (instance: string) => requiredAccess(instance, { waitForSync: true });

describe('permissions of several instances', () => {
  it('that are granted in all namespaces are asked for once, however many instances there are', async () => {
    const permissions = new Permissions();
    await Promise.all(['a', 'b', 'c'].map((instance) => permissions.require(cluster, checksOf(instance))));
    await permissions.require(cluster, checksOf('d'));
    expect(reviews.length).toBeLessThanOrEqual(checksOf('a').length);
    expect(reviews.filter(({ namespace, name }) => namespace !== undefined || name !== undefined)).toEqual([]);
  });

  it('are not asked for one by one where the cluster lists what it grants in all namespaces', async () => {
    const resourceRules = [
      { verbs: ['get'], apiGroups: [''], resources: ['secrets', 'pods/log'] },
      { verbs: ['*'], apiGroups: ['argoproj.io'], resources: ['*'] },
      { verbs: ['create'], apiGroups: [''], resources: ['secrets'], resourceNames: ['one'] },
    ];
    const of = (verb: string, group: string, resource: string) => ({ verb, group, resource, namespace: 'a' });
    const checks = [
      of('get', '', 'secrets'),
      { ...of('get', '', 'pods'), subresource: 'log' },
      of('list', 'argoproj.io', 'x'),
    ];
    rules = { incomplete: false, resourceRules };
    const permissions = new Permissions();
    await permissions.require(cluster, checks);
    expect(reviews).toEqual([]);
    await permissions.require(cluster, [...checks, of('create', '', 'secrets'), of('get', '', 'pods')]);
    expect(reviews.map(({ verb, resource }) => `${verb} ${resource}`)).toEqual(['create secrets', 'get pods']);
    rules = { incomplete: true, resourceRules };
    await new Permissions().require(cluster, checks.slice(0, 1));
    expect(reviews.at(-1)).toMatchObject({ verb: 'get', resource: 'secrets' });
  });

  it('that are granted in one namespace are asked for there', async () => {
    allows = ({ namespace }) => namespace === 'a';
    const check = { verb: 'create', group: '', resource: 'secrets' };
    const permissions = new Permissions();
    await permissions.require(cluster, [{ ...check, namespace: 'a' }]);
    const denied = permissions.require(cluster, [{ ...check, namespace: 'b' }]);
    await expect(denied).rejects.toMatchObject({
      code: 'access-denied',
      message: 'User system:serviceaccount:ci:runner is not allowed to:\n  - create secrets in namespace b',
      remedy: expect.stringMatching(/kubectl apply -f https:.*rbac\.yml && kubectl .*--serviceaccount=ci:runner$/),
    });
    expect(reviews.map(({ namespace }) => namespace)).toEqual([undefined, 'a', 'b']);
  });

  it('that could not be asked for are asked for again', async () => {
    const permissions = new Permissions();
    const check = { verb: 'create', group: '', resource: 'secrets', namespace: 'a' };
    status = 403;
    await expect(permissions.require(cluster, [check])).rejects.toThrow();
    status = 200;
    await expect(permissions.require(cluster, [check])).resolves.toBeUndefined();
  });
});
